"""Actions that the guard knows by name, as data.

Sources: policy_sentry's audit lists (MIT, github.com/salesforce/policy_sentry, shared/data/audit), cloudsplaining's
data-exfiltration list (BSD-3, github.com/salesforce/cloudsplaining), MITRE ATT&CK T1562.008 (disable cloud logs), and
the service authorization reference. Names are compared in lower case, because the sources spell them so.
"""

from __future__ import annotations


def _named(text: str) -> frozenset[str]:
    return frozenset(text.split())


CREDENTIALS = _named(
    """
    chime:createapikey codepipeline:pollforjobs cognito-idp:associatesoftwaretoken cognito-identity:getopenidtoken
    cognito-identity:getopenidtokenfordeveloperidentity cognito-identity:getcredentialsforidentity
    connect:getfederationtoken ec2:getpassworddata gamelift:requestuploadcredentials
    iam:createaccesskey iam:createloginprofile iam:createservicespecificcredential iam:resetservicespecificcredential
    iam:updateaccesskey iam:updateloginprofile lightsail:getinstanceaccessdetails
    lightsail:getrelationaldatabasemasteruserpassword lightsail:downloaddefaultkeypair
    mediapackage:rotateingestendpointcredentials rds-db:connect redshift:getclustercredentials
    redshift:getclustercredentialswithiam redshift-serverless:getcredentials sts:assumerole
    sts:assumerolewithsaml sts:assumerolewithwebidentity sts:assumeroot sts:getdelegatedaccesstoken
    sts:getfederationtoken sts:getsessiontoken
    acm:getacmeexternalaccountbindingcredentials acm-pca:issuecertificate aidevops:createaccesstoken
    aidevops:createonetimeloginsession aidevops:getaccesstoken aidevops:rotateaccesstoken airflow:createclitoken
    airflow:createweblogintoken appstream:createstreamingurl assurance:vendconnectionaccesstoken
    athena:createpresignednotebookurl athena:getsessionendpoint aws-external-anthropic:assumeconsole
    bedrock:createdatasourcetoken bedrock-agentcore:completeresourcetokenauth bedrock-agentcore:getresourceapikey
    bedrock-agentcore:getresourceoauth2token bedrock-agentcore:getresourcepaymenttoken
    bedrock-agentcore:getworkloadaccesstoken bedrock-agentcore:getworkloadaccesstokenforjwt
    bedrock-agentcore:getworkloadaccesstokenforuserid chime:regeneratesecuritytoken cloud9:createenvironmenttoken
    cloud9:modifytemporarycredentialsonenvironmentec2 cloudwatch:getspacecredentials
    cloudwatch:getspacecredentialsfororganization codeconnections:getconnectiontoken
    codeconnections:getindividualaccesstoken codestar-connections:getconnectiontoken
    codestar-connections:getindividualaccesstoken connect:admingetemergencyaccesstoken
    datazone:getdomainexecutionrolecredentials datazone:getenvironmentcredentials deadline:assumefleetroleforread
    deadline:assumefleetroleforworker deadline:assumequeueroleforread deadline:assumequeueroleforuser
    deadline:assumequeueroleforworker dsql:dbconnect dsql:dbconnectadmin eks-auth:assumeroleforpodidentity
    elasticache:connect elasticmapreduce:createstudiopresignedurl elasticmapreduce:getclustersessioncredentials
    elasticmapreduce:getsessionendpoint emr-containers:getmanagedendpointsessioncredentials
    emr-serverless:getsessionendpoint events:retrieveconnectioncredentials finops-agent:createonetimeloginsession
    finspace-api:getprogrammaticaccesscredentials gamelift:getcomputeaccess gamelift:getcomputeauthtoken
    gamelift:getinstanceaccess glue:getsessionendpoint grafana:createworkspaceapikey
    grafana:createworkspaceserviceaccounttoken iot:createcertificatefromcsr iot:createkeysandcertificate
    iot:createprovisioningclaim iot:opentunnel iot:rotatetunnelaccesstoken iq-permission:assumepermissionrole
    kinesisanalytics:createapplicationpresignedurl lakeformation:gettemporarygluepartitioncredentials
    lakeformation:gettemporarygluetablecredentials lambda:createmicrovmauthtoken lambda:createmicrovmshellauthtoken
    license-manager:createtoken license-manager:getaccesstoken lightsail:createbucketaccesskey
    lightsail:createguisessionaccessdetails mediapackage:rotatechannelcredentials memorydb:connect
    q:createscimaccesstoken quicksight:generateembedurlforregistereduser quicksight:getsessionembedurl
    redshift:getidentitycenterauthtoken redshift-serverless:getidentitycenterauthtoken s3:getdataaccess
    sagemaker:createpartnerapppresignedurl sagemaker:createpresignedmlflowappurl
    sagemaker:createpresignedmlflowtrackingserverurl securityagent:createonetimeloginsession
    sso-oauth:createtokenwithiam ssm:getaccesstoken ssm:requestmanagedinstanceroletoken
    storagegateway:describechapcredentials sts:getwebidentitytoken wickr:createadminsession
    workmail:assumeimpersonationrole
    appsync:createapikey cognito-idp:adduserpoolclientsecret dms:modifyendpoint ec2:associateenclavecertificateiamrole
    events:createapidestination events:updateapidestination lightsail:createcontainerserviceregistrylogin
    payment-cryptography:exportkey transfer:exporthostkey
    """
)
"""Whoever may call one of these receives credentials, often of somebody else."""

CREDENTIALS_SET = _named(
    """
    chime:putvoiceconnectorterminationcredentials cognito-idp:admindeletesoftwaretoken cognito-idp:adminsetuserpassword
    docdb-elastic:updatecluster
    ds:resetuserpassword elasticache:modifyuser lightsail:updaterelationaldatabase memorydb:updateuser
    rds:modifydbcluster rds:modifydbinstance redshift:modifycluster redshift-serverless:updatenamespace
    storagegateway:updatechapcredentials transfer:importsshpublickey workmail:resetpassword
    elasticache:modifycachecluster elasticache:modifyreplicationgroup finspace:resetuserpassword
    iot:registercacertificate iot:registercertificate iot:registercertificatewithoutca iot:registerthing
    iot:updatecertificate kafka:batchassociatescramsecret mq:createuser mq:updateuser rds:modifytenantdatabase
    storagegateway:setlocalconsolepassword storagegateway:setsmbguestpassword
    """
)
"""Whoever may call one of these can set a password or key of somebody else, and then use it."""

PASSIVE_CREDENTIALS = _named(
    """
    codeartifact:getauthorizationtoken ecr:getauthorizationtoken ecr-public:getauthorizationtoken
    lakeformation:getdataaccess signin:createoauth2token sts:getservicebearertoken
    """
)
"""Tokens that give no more than the caller's own other permissions allow: worth a line, no second signature."""

SECRETS = _named(
    """
    secretsmanager:getsecretvalue secretsmanager:batchgetsecretvalue ssm:getparameter ssm:getparameters
    ssm:getparametersbypath ssm:getparameterhistory kms:decrypt kms:reencryptfrom acm:exportcertificate
    acm-pca:getcertificate signer:getsigningprofile appsync:listapikeys kms:derivesharedsecret
    """
)
"""Reads of what people keep secret."""

SIGNING = _named("kms:generatemac kms:sign")
"""Uses of a key that nobody may read: whoever has it signed speaks for its owner."""

MANY_SECRETS = _named("secretsmanager:batchgetsecretvalue ssm:getparametersbypath")
"""Reads of as many as there are, whatever the resource says."""

DATA_READS = _named(
    """
    s3:getobject s3:getobjectversion s3:getobjectattributes dynamodb:getitem dynamodb:batchgetitem dynamodb:query
    dynamodb:scan dynamodb:partiqlselect sqs:receivemessage kinesis:getrecords kafka-cluster:readdata
    athena:getqueryresults redshift-data:getstatementresult rds-data:executestatement logs:getlogevents
    logs:getqueryresults logs:filterlogevents ebs:getsnapshotblock lambda:getfunction ec2:getconsoleoutput
    ec2:getconsolescreenshot codecommit:gitpull ecr:getdownloadurlforlayer glue:gettable
    cloudtrail:lookupevents es:eshttpget aoss:apiaccessall
    glue:getdevendpoint s3express:createsession kinesisvideo:getdashstreamingsessionurl
    kinesisvideo:gethlsstreamingsessionurl sagemaker:createhubcontentpresignedurls
    logs:unmask sns:subscribe
    """
)
"""Reads of contents rather than of settings."""

DETECTION_OFF = _named(
    """
    account:closeaccount organizations:leaveorganization organizations:closeaccount organizations:deletepolicy
    organizations:detachpolicy organizations:disablepolicytype cloudtrail:stoplogging cloudtrail:deletetrail
    cloudtrail:deleteeventdatastore cloudtrail:stopeventdatastoreingestion config:stopconfigurationrecorder
    config:deleteconfigurationrecorder config:deletedeliverychannel guardduty:deletedetector
    guardduty:disassociatefrommasteraccount guardduty:disassociatefromadministratoraccount
    guardduty:stopmonitoringmembers securityhub:disablesecurityhub securityhub:disassociatefromadministratoraccount
    macie2:disablemacie inspector2:disable detective:deletegraph access-analyzer:deleteanalyzer
    iam:deleteaccountpasswordpolicy s3:putaccountpublicaccessblock
    config:deleteservicelinkedconfigurationrecorder guardduty:disableorganizationadminaccount
    macie2:disableorganizationadminaccount macie2:disassociatefromadministratoraccount
    macie2:disassociatefrommasteraccount inspector2:disabledelegatedadminaccount
    securityhub:disableorganizationadminaccount securityhub:disablesecurityhubv2
    securityhub:disassociatefrommasteraccount
    """
)
"""Calls that switch off what the account is watched or walled in by: never granted by way of a denial."""

DETECTION_WEAKER = _named(
    """
    cloudtrail:updatetrail cloudtrail:puteventselectors cloudtrail:putinsightselectors cloudtrail:updateeventdatastore
    guardduty:updatedetector guardduty:createfilter guardduty:createipset guardduty:updateipset
    guardduty:createthreatintelset guardduty:deletemembers guardduty:disassociatemembers guardduty:archivefindings
    guardduty:deletepublishingdestination config:putconfigurationrecorder config:deleteconfigrule
    config:deleteconformancepack config:deleteorganizationconfigrule config:deleteretentionconfiguration
    securityhub:updatestandardscontrol securityhub:batchdisablestandards securityhub:disableimportfindingsforproduct
    securityhub:batchupdatefindings securityhub:deleteinsight logs:deleteloggroup logs:deletelogstream
    logs:putretentionpolicy logs:deletedestination logs:deletesubscriptionfilter logs:deletemetricfilter
    ec2:deleteflowlogs ec2:disableebsencryptionbydefault ec2:modifysnapshotattribute ec2:modifyimageattribute
    ec2:disableimageblockpublicaccess ec2:disablesnapshotblockpublicaccess cloudwatch:deletealarms
    cloudwatch:disablealarmactions events:disablerule events:deleterule events:removetargets s3:putbucketlogging
    s3:putlifecycleconfiguration s3:putbucketpublicaccessblock s3:putbucketversioning
    route53resolver:deleteresolverquerylogconfig route53resolver:disassociateresolverquerylogconfig
    waf:deletewebacl wafv2:deletewebacl wafv2:disassociatewebacl wafv2:deleteloggingconfiguration
    network-firewall:deletefirewall shield:disassociatedrtrole kms:schedulekeydeletion
    kms:disablekey backup:deletebackupvault backup:deleterecoverypoint ses:putaccountsendingattributes
    access-analyzer:applyarchiverule access-analyzer:createarchiverule access-analyzer:updateanalyzer
    access-analyzer:updatearchiverule access-analyzer:updatefindings backup:deletebackupvaultlockconfiguration
    backup:disassociaterecoverypoint backup:updaterecoverypointlifecycle
    cloudtrail:deregisterorganizationdelegatedadmin cloudwatch:putalarmmuterule cloudwatch:setalarmstate
    config:deleteconfigurationaggregator config:disassociateresourcetypes
    config:putconfigrule config:putdeliverychannel config:putretentionconfiguration detective:deletemembers
    detective:disassociatemembership ec2:disableimagederegistrationprotection
    guardduty:createtrustedentityset guardduty:deletemalwareprotectionplan guardduty:deletethreatintelset
    guardduty:updatefilter guardduty:updatemalwareprotectionplan guardduty:updatememberdetectors
    guardduty:updateorganizationconfiguration guardduty:updatepublishingdestination guardduty:updatethreatintelset
    guardduty:updatetrustedentityset inspector2:createfilter inspector2:disassociatemember
    inspector2:updateconfiguration inspector2:updatefilter kms:deleteimportedkeymaterial logs:deleteaccountpolicy
    logs:deletedataprotectionpolicy logs:deletedelivery logs:deletedeliverydestination logs:deletedeliverysource
    logs:putaccountpolicy logs:putdataprotectionpolicy macie2:createfindingsfilter macie2:deletemember
    macie2:disassociatemember macie2:updatefindingsfilter macie2:updatemaciesession macie2:updatemembersession
    network-firewall:updatefirewallpolicy network-firewall:updateloggingconfiguration
    s3:putbucketobjectlockconfiguration s3:putobjectlegalhold securityhub:batchupdateautomationrules
    securityhub:batchupdatestandardscontrolassociations securityhub:createautomationrule
    securityhub:createautomationrulev2 securityhub:deletemembers securityhub:disassociatemembers
    securityhub:updateautomationrulev2 securityhub:updatefindings securityhub:updatesecuritycontrol sns:deletetopic
    sns:setsubscriptionattributes sns:unsubscribe wafv2:updatewebacl ec2:deletetrafficmirrorsession
    workspaces-web:deletesessionlogger workspaces-web:disassociatesessionlogger workspaces-web:updatesessionlogger
    bedrock:deletemodelinvocationloggingconfiguration bedrock:putmodelinvocationloggingconfiguration
    config:deleteevaluationresults config:deleteorganizationconformancepack config:deleteremediationconfiguration
    config:putconformancepack config:putevaluations config:putexternalevaluation config:putorganizationconfigrule
    config:putorganizationconformancepack config:putremediationexceptions amplify:disassociatewebacl
    appsync:disassociatewebacl cognito-idp:disassociatewebacl wafv2:associatewebacl wafv2:updateipset
    wafv2:updaterulegroup cloudwatch:deletemetricstream cloudwatch:stopmetricstreams
    ec2:createvpcblockpublicaccessexclusion ec2:disableallowedimagessettings ec2:modifyebsdefaultkmskeyid
    ec2:modifyinstancemetadatadefaults ec2:modifyinstancemetadataoptions ec2:modifyvpcblockpublicaccessexclusion
    ec2:modifyvpcblockpublicaccessoptions ec2:replaceimagecriteriainallowedimagessettings ec2:unlocksnapshot
    eks:updateclusterconfig guardduty:deleteipset guardduty:deletethreatentityset guardduty:updatemalwarescansettings
    guardduty:updatethreatentityset lambda:deletefunctioncodesigningconfig lambda:putfunctioncodesigningconfig
    lambda:updatecodesigningconfig logs:deletelogdelivery logs:putloggroupdeletionprotection logs:updatelogdelivery
    network-firewall:associatefirewallpolicy network-firewall:disassociatesubnets network-firewall:updaterulegroup
    s3:putencryptionconfiguration s3:updateobjectencryption securityhub:updateconfigurationpolicy
    network-security-manager:updatepolicy sns:putdataprotectionpolicy storagegateway:bypassgovernanceretention
    backup:disassociatebackupvaultmpaapprovalteam
    """
)
"""Calls that weaken it, or that hide or destroy evidence: two people should agree."""

DETECTION_OVERWRITTEN = _named(
    """
    cloudwatch:putmetricalarm events:putrule events:puttargets
    cloudwatch:putcompositealarm cloudwatch:putlogalarm logs:putmetricfilter s3:putbucketnotification
    """
)
"""Calls that people make every day to set up what watches, and that replace what has the same name."""

OPENS_RESOURCES = _named(
    """
    lambda:addpermission lambda:addlayerversionpermission lambda:createfunctionurlconfig s3:putobjectacl
    s3:putobjectversionacl s3:putbucketacl s3:putbucketpolicy s3:putaccesspointpolicy sqs:addpermission
    sqs:setqueueattributes sns:addpermission sns:settopicattributes secretsmanager:putresourcepolicy kms:putkeypolicy
    kms:creategrant ecr:setrepositorypolicy ecr-public:setrepositorypolicy ram:createresourceshare
    ram:associateresourceshare rds:modifydbsnapshotattribute rds:modifydbclustersnapshotattribute
    ec2:modifysnapshotattribute ec2:modifyimageattribute ec2:modifyvpcendpoint ec2:authorizesecuritygroupingress
    glue:putresourcepolicy es:updateelasticsearchdomainconfig es:updatedomainconfig dynamodb:putresourcepolicy
    kinesis:putresourcepolicy events:putpermission logs:putresourcepolicy backup:putbackupvaultaccesspolicy
    elasticfilesystem:putfilesystempolicy codeartifact:putdomainpermissionspolicy
    codeartifact:putrepositorypermissionspolicy redshift:authorizesnapshotaccess glacier:setvaultaccesspolicy
    redshift:authorizeclustersecuritygroupingress redshift:rotateencryptionkey ds:createtrust
    ds:createconditionalforwarder ram:acceptresourceshareinvitation ram:rejectresourceshareinvitation
    ram:updateresourceshare
    aoss:createaccesspolicy aoss:createsecuritypolicy aoss:updateaccesspolicy aoss:updatesecurityconfig
    aoss:updatesecuritypolicy cloudtrail:putresourcepolicy ec2:createtrafficmirrorsession
    ec2:modifytrafficmirrorsession ecr:putreplicationconfiguration logs:putbearertokenauthentication
    logs:putsubscriptionfilter s3:putreplicationconfiguration
    aiops:putinvestigationgrouppolicy apigateway:patch apigateway:post apigateway:put appmesh:putmeshpolicy
    bedrock-agentcore:createpolicy bedrock-agentcore:updatepolicy codecatalyst:createspaceadminroleassignment
    cognito-idp:adminaddusertogroup cognito-idp:adminlinkproviderforuser cognito-idp:adminsetusermfapreference
    cognito-idp:adminupdateuserattributes cognito-idp:createidentityprovider cognito-idp:setuserpoolmfaconfig
    cognito-idp:updateidentityprovider cognito-idp:updateuserpool cognito-idp:updateuserpoolclient
    connect:updatesecurityprofile connect:updateusersecurityprofiles ds:enableroleaccess ds:sharedirectory
    ds:updatetrust dsql:putclusterpolicy ec2:authorizeclientvpningress ec2:enableserialconsoleaccess
    ec2:modifyfpgaimageattribute ec2:modifynetworkinterfaceattribute ec2:modifysecuritygrouprules
    ec2:modifyverifiedaccessendpointpolicy ec2:modifyverifiedaccessgrouppolicy
    elasticache:authorizecachesecuritygroupingress es:authorizevpcendpointaccess iot:createauthorizer
    iot:updateauthorizer iotsitewise:createaccesspolicy iotsitewise:updateaccesspolicy kafka:putclusterpolicy
    kms:replicatekey lakeformation:createdatacellsfilter lakeformation:createrlspolicy
    lakeformation:updatedatacellsfilter lakeformation:updaterlspolicy lambda:updatefunctionurlconfig
    lightsail:openinstancepublicports lightsail:putinstancepublicports lightsail:setresourceaccessforbucket
    logs:putdeliverydestinationpolicy logs:putdestinationpolicy mediaconvert:putpolicy mediapackagev2:putchannelpolicy
    mediapackagev2:putoriginendpointpolicy oam:putsinkpolicy omics:puts3accesspolicy
    redshift:associatedatashareconsumer rekognition:putprojectpolicy resource-groups:putgrouppolicy
    route53profiles:putprofilepolicy s3:putbucketabac sagemaker:putlineagegrouppolicy
    sagemaker:putmodelpackagegrouppolicy serverlessrepo:putapplicationpolicy
    signin:putconsoleauthorizationconfiguration signin:putresourcepermissionstatement ssm-contacts:putcontactpolicy
    ssm:updateservicesetting transfer:updateserver workmail:createimpersonationrole workmail:putmailboxpermissions
    workmail:updateimpersonationrole appstream:updateimagepermissions datazone:createsubscriptiongrant
    qbusiness:associatepermission quicksight:updateresourcepermissions workdocs:addresourcepermissions
    connect:associatesecurityprofiles datazone:acceptsubscriptionrequest datazone:associateenvironmentrole
    datazone:createprojectmembership quicksight:createadmin quicksight:creategroupmembership
    quicksight:createiampolicyassignment quicksight:createrolemembership quicksight:updateiampolicyassignment
    workspaces:authorizeiprules workspaces:modifysamlproperties
    """
)
"""Calls that decide who else may reach a resource, the public included."""

RESOURCE_POLICY = "resourcepolicy"
"""What the calls speak of that write the policy of a resource, in whatever service."""

APPROVALS = _named(
    """
    codecommit:overridepullrequestapprovalrules codecommit:updatepullrequestapprovalstate
    codepipeline:overridestagecondition codepipeline:putapprovalresult imagebuilder:sendworkflowstepaction
    iq-permission:approveaccessgrant
    """
)
"""Calls that give the yes for which somebody else's change waits."""

STORES = _named(
    """
    appconfig:createhostedconfigurationversion appconfig:startdeployment codeartifact:publishpackageversion
    codecommit:createcommit codecommit:gitpush codecommit:mergebranchesbyfastforward codecommit:mergebranchesbysquash
    codecommit:mergebranchesbythreeway codecommit:mergepullrequestbyfastforward codecommit:mergepullrequestbysquash
    codecommit:mergepullrequestbythreeway codecommit:putfile ecr:putimage ecr-public:putimage
    lambda:publishlayerversion secretsmanager:putsecretvalue secretsmanager:updatesecret ssm:putparameter
    """
)
"""Writes of what others run or obey later; who does, the store does not say."""

OWN_IDENTITY = _named(
    """
    iam:changepassword iam:createvirtualmfadevice iam:resyncmfadevice iam:createservicelinkedrole
    """
)
"""Writes in IAM that grant nobody anything: a user's own password and MFA, and roles whose policies AWS writes."""

PRINCIPAL_TAGS = _named("iam:tagrole iam:taguser iam:untagrole iam:untaguser")
"""Tags of principals decide access by attribute, and which principals Redress may not touch."""

DESTRUCTIVE_VERBS = (
    "Delete", "Terminate", "Remove", "Destroy", "Purge", "Deregister", "Disable", "Reset", "Revoke", "Stop", "Release",
    "Abort", "Cancel", "Detach", "Disassociate",
)  # fmt: skip
"""First words of actions whose effect cannot, or cannot easily, be undone."""
