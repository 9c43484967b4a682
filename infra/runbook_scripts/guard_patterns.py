"""What the guard says of an action alone, as patterns of actions. Written by scripts/guard_patterns.py.

NEVER: it blocks the action. SECOND: it blocks it or asks for two people, on whatever resource. MANY: it asks for two
people where the action is on more than one named resource.
"""

import re

NEVER = re.compile(
    "(?i)(acc(ess-analyzer:deletean|ount:c)|c(loudtrail:(delete[et]|stop[el])|onfig:(delete(configurationr|d)|sto))"
    "|detective:deleteg|guardduty:(d(eleted|isassociatef)|sto)|i(am:deleteaccountp|nspector2:disable$)|macie2:disab"
    "lem|organizations:(cl|d(e(letep|t)|isablep)|le)|s(3:putacco|ecurityhub:disa(blesecurityhub$|ssociatefroma)))"
)
SECOND = re.compile(
    "(?i)(a(c(c(ess-analyzer:deletean|ount:[acdeprsv])|m-pca:(createp|deletep|p))|idevops:al|p(igateway:(a|createa|"
    "deleteportalproducts|putp|r|s|update(d|re))|p(runner:updates|sync:se))|rc-region-switch:(deleter|getr|p)|ws-ma"
    "rketplace:(del|putr))|b(ackup:(delete(backupvault($|a|s)|rec)|listindexedrecoverypointsf|putbackupvault[as]|se"
    ")|edrock(-agentcore:(a[lu]|invoke[gw]|m|par|sy)|:al)|illing:(deleter|getr|putr))|c(hime:createapi|l(eanrooms-m"
    "l:putc|oud(f(ormation:(sets|updatestack$)|ront:al)|hsm:(deleter|p)|search:updatese|trail:(delete[et]|put(event"
    "s|i)|stop[el]|update[et])|watch:(a|create(ac|domaina)|d(elete(a(c|larms)|domaina)|isablea)|updateac)))|o(de(ar"
    "tifact:(delete(domainp|repositoryp)|put[dr])|build:(deleteres|pu|startb)|guru-profiler:(pu|removep)|pipeline:p"
    "ollforj|whisperer:al)|gnito-id(entity:get[co]|p:associates)|n(fig:(delete(conf(ig(r|urationr)|o)|d|organizatio"
    "nconfi|ret)|putconfigurationr|sto)|nect:getfe)))|d(atazone:(addp|deletedomains|geti|putdo|re(movep|v))|e(adlin"
    "e:(asso|di)|tective:deleteg)|s:(acces|create(con|t))|ynamodb:(deleter|putr|updatea))|e(c(2(-instance-connect:s"
    "|:(a(ttach[ar]|uthorizesecuritygroupi)|c(ancelima|reate(coippoolp|localgatewayroutetablep|networkinterfacep|o)"
    ")|d(e(lete(coippoolp|flo|localgatewayroutetablep|networkinterfacep|o|re)|tach[ar])|isable(e|imageb|sn))|enable"
    "(imageb|sn)|getp|modify(im|o|snapshota|vpcendpoint($|servicepe))|put|resets))|r(-public:s|:(deletere(g|positor"
    "yp)|putregistryp|se))|s:(al|e))|lastic(filesystem:(deletefilesystemp|putf)|loadbalancing:al|mapreduce:(deletew"
    "|put[bw]))|ntityresolution:(a|deletep|p|us)|s:update(do|e)|vents:(d(eleter|i)|put(pe|re)|rem))|fsx:(b|deleter|"
    "g|m|p)|g(amelift:req|l(acier:(abortv|completev|deletevaulta|initiatev|set(d|vaulta))|ue:(batchgets|de(leteres|"
    "r|scribe[ce])|g(et(datap|e(nv|x)|l|n|q|rec|st(ag|o))|l)|list(con|e)|ma|putr|r(e[fq]|und)|s(endr|tartn)|te|u(pd"
    "atede|seg)))|r(afana:updatep|eengrass:associates)|uardduty:(ar|create(f|ip|threati)|d(elete(d|me|p)|isas)|sto|"
    "update[di]))|health:(di|e)|i(am:(a|create(a|d|g|i|l|o|p|r|s(a|ervices)|u)|d|enableo|p|re(j|m|se)|se|tag[ru]|u("
    "ntag[ru]|p))|dentity(-sync:a|store:(a|c|del|r|u))|magebuilder:p|nspector2:disable$|ot(:(attachp|createpo|de(le"
    "tepo|tachp)|setd)|fleetwise:gen))|k(inesis:putres|ms:(createg|disablekey$|p|re[tv]|sc))|l(a(keformation:(at|b|"
    "det|gr|p|rev)|mbda:(a|createfunctionu|d(eleter|i)|e|putre|rem|updatefunctionco(de$|n)))|i(cense-manager:update"
    "s|ghtsail:(do|get(instancea|relationaldatabasema)))|ogs:(delete(des|log[gs]|m|res|su)|putr))|m(a(cie2:disablem"
    "|nagedblockchain:(get$|invoke$|p))|edia(package:rotatei|store:(deletecontainerp|putcon)|tailor:(deletechannelp"
    "|putc))|onitron:(a|create(projectu|u)|d(elete(projectu|u)|i)|listprojecta)|pa:(deleter|p))|n(etwork(-firewall:"
    "deletefirewall$|manager:(deleter|putr|starto))|otifications:(disab|e))|o(p(ensearch:[av]|sworks:(setp|updateu)"
    ")|rganizations:(a|c|d(e[clrt]|i)|e|i|le|m|p|r|t|u))|payment-cryptography:(deleter|p)|q(business:al|uicksight:("
    "al|describe(knowledgebasep|spacep|topicp)|update(a(ctionconnectorp|gentp|nalysisp|ppp)|da(shboardpe|tas(etp|ou"
    "rcep))|extensionp|f(lowp|olderp)|knowledgebasep|spacep|t(emplatep|hemep|opicp))))|r(am:(a(c|ssociateresourcesh"
    "are$)|creater|e|rej|up)|ds(-db|:(au|modifydb(clusters|snapshota)))|e(dshift(-serverless:getcr|:(authorize[cdes"
    "]|create(clusteru|snapshotc)|de(a|leteres)|getc|j|modifyclusteri|put|r(e(j|voke[es])|o)))|source-explorer-2:(d"
    "eleteresourcep|p))|o(lesanywhere:[cdeiprtu]|ute53(-recovery-control-config:(deletere|p)|globalresolver:al|reso"
    "lver:(d(eleteresolverq|isassociateresolverq)|p))))|s(3(-o(bject-lambda:putobject(a|versiona)|utposts:(delete(a"
    "ccesspointp|bucketp)|put(a|bucketp|objecta)))|:(as|b|createaccessg|d(elete(access(g|pointp)|bucketp)|i)|o|put("
    "acc(ess(g|pointp)|o)|bucket(ac|l|ow|p|v)|l|mu|object(ac|versionac))|updatea)|express:(delete(accesspoint[ps]|b"
    "ucketp)|put[ab])|files:(deletefilesystemp|putf)|tables:(deletetable(bucketp|p)|puttable(bucketp|p))|vectors:(d"
    "eletevectorbucketp|putvectorbucketp))|agemaker:createpresigned[dn]|e(c(retsmanager:(deleter|putr|v)|urityhub:("
    "al|batch(di|updatef)|d(eleteins|isa(ble(i|securityhub$)|ssociatefroma))|updatest))|rvicecatalog:(createportfol"
    "ios|deleteportfolios|updateportfolios)|s:(a[lp]|createemailidentityp|delete(emailidentityp|identityp)|put(acco"
    "untse|i)|rep|updateemaili))|hield:disassociatedrtr|igner:(a|rem)|ms-voice:(deleteres|putres)|ns:(a|r|sett)|qs:"
    "(a|rem|set)|s(m(-(contacts:as|incidents:(deletereso|p)|sap:(del|getr|p))|:(deleteresourcep|m|putr|resu|s(e|tar"
    "ts)))|o(-directory:(a|c|d(el|i)|e|im|r|st|u|v)|:(a|c|d(e[lt]|i)|i|p|r|st|t|u)))|ts:(a|get(d|f|ses)))|vpc-latti"
    "ce:(a|createservicenetworkvpce|deleteau|puta)|w(af(-regional:(createwebacl$|delete[pw]|putp|updatew)|:(createw"
    "ebacl$|delete[pw]|putp|updatew)|v2:(d(elete[lpw]|isassociatew)|putp))|isdom:al|orkspaces:(modifyse|update(conn"
    "ecti|workspacei)))|xray:pute)"
)
MANY = re.compile(
    "(?i)(a(cm(-pca:getcertificate$|:e)|ppsync:listapik)|kms:(decr|reencryptf)|s(ecretsmanager:(b|gets)|igner:getsi"
    "gningpr|sm:getpar))"
)
