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
    """
)
"""Whoever may call one of these receives credentials, often of somebody else."""

PASSIVE_CREDENTIALS = _named("ecr:getauthorizationtoken ecr-public:getauthorizationtoken")
"""Tokens that give no more than the caller's own other permissions allow: worth a line, no second signature."""

SECRETS = _named(
    """
    secretsmanager:getsecretvalue secretsmanager:batchgetsecretvalue ssm:getparameter ssm:getparameters
    ssm:getparametersbypath ssm:getparameterhistory kms:decrypt kms:reencryptfrom acm:exportcertificate
    acm-pca:getcertificate signer:getsigningprofile appsync:listapikeys
    """
)
"""Reads of what people keep secret."""

DATA_READS = _named(
    """
    s3:getobject s3:getobjectversion s3:getobjectattributes dynamodb:getitem dynamodb:batchgetitem dynamodb:query
    dynamodb:scan dynamodb:partiqlselect sqs:receivemessage kinesis:getrecords kafka-cluster:readdata
    athena:getqueryresults redshift-data:getstatementresult rds-data:executestatement logs:getlogevents
    logs:getqueryresults logs:filterlogevents ebs:getsnapshotblock lambda:getfunction ec2:getconsoleoutput
    ec2:getconsolescreenshot codecommit:gitpull ecr:getdownloadurlforlayer glue:gettable
    cloudtrail:lookupevents es:eshttpget aoss:apiaccessall
    glue:getdevendpoint
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
    """
)
"""Calls that weaken it, or that hide or destroy evidence: two people should agree."""

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
    """
)
"""Calls that decide who else may reach a resource, the public included."""

OWN_IDENTITY = _named(
    """
    iam:changepassword iam:createvirtualmfadevice iam:enablemfadevice iam:resyncmfadevice iam:createservicelinkedrole
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
