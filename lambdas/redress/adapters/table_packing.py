"""JSON text in few bytes.

A first sighting costs as many write units as its item has kilobytes. The JSON of a finding is mostly
words that every finding has, so it is deflated against a dictionary of those words: 1.4 KB become
half a kilobyte, and the item stays below one.

The first byte says which dictionary. A dictionary in use never changes: add another one.
"""

from __future__ import annotations

import zlib

from redress.domain.errors import Unreadable

LARGEST = 400_000
"""Bytes of text; what is longer did not come from us."""

# Later words are cheaper to refer to, so the commonest stand last.
_DICTIONARIES = {
    1: (
        b'"matched_statement":"muted_until":"claimed_by":"authorization_id":"policy_arn":"invoked_by":"notes":["'
        b'"no_fix":{"detail":"owner":"ORGANIZATION_ADMIN","RESOURCE_OWNER","IAM_ADMIN","CALLER","NOBODY","reason":"'
        b"CALLER_MUST_CHANGE NOT_A_PERMISSION_PROBLEM EVIDENCE_TOO_WEAK RESOURCE_UNKNOWN PRINCIPAL_UNKNOWN"
        b'"patch":[["cloudformation","terraform","'
        b"SERVICE_CONTROL_POLICY RESOURCE_CONTROL_POLICY VPC_ENDPOINT_POLICY SESSION_POLICY PERMISSIONS_BOUNDARY "
        b"RESOURCE_BASED_POLICY EXPLICIT_DENY ORGANIZATION_GUARDRAIL RESOURCE_POLICY TRUNCATED DECODED VERIFIED "
        b"with an explicit deny in a service control policy: arn:aws:organizations:: with an explicit deny in an "
        b"identity-based policy: arn:aws:iam::aws:policy/ with an explicit deny in a permissions boundary "
        b"because no resource-based policy allows the because no permissions boundary allows the "
        b"Access Denied Client.UnauthorizedOperation AccessDeniedException "
        b"You are not authorized to perform this operation. User: Encoded authorization failure message: [redacted]"
        b"aws-internal/ aws-sdk-java/ aws-sdk-go-v2/ aws-sdk-js/ aws-cli/2. md/awscrt# ua/2.1 os/linux#"
        b" md/arch#x86_64 md/arch#aarch64 lang/python# md/pyimpl#CPython Boto3/1. md/Botocore# Botocore/1."
        b" cfg/retry-mode#standard cfg/retry-mode#legacy m/ exec-env/AWS_Lambda_python3.13 exec-env/EC2"
        b" HashiCorp Terraform/1. console.amazonaws.com cloudformation.amazonaws.com lambda.amazonaws.com"
        b" ec2.amazonaws.com iam.amazonaws.com kms.amazonaws.com sts.amazonaws.com dynamodb.amazonaws.com"
        b" secretsmanager.amazonaws.com logs.amazonaws.com sqs.amazonaws.com sns.amazonaws.com s3.amazonaws.com"
        b"us-west-2 eu-central-1 eu-west-1 us-east-2 us-east-1 aws-cn aws-us-gov AROA AIDA ASIA AKIA "
        b"instance/* table/ function: secret: key/ role/ user/ policy/"
        b'"context":[{"key":"aws:RequestTag/","values":["ec2:InstanceType","kms:ViaService","'
        b'"console_session":true,"read_only":true,"read_only":false,"'
        b'"last":{"access_key_id":"ASIA","account":"","error_code":"AccessDenied","event_id":"","event_name":"","'
        b'event_source":"s3.amazonaws.com","event_time":"2026-","message":"User: arn:aws:sts::","region":"us-east-1","'
        b'request_id":"","session_name":"","source_ip":"","user_agent":"[Boto3/1."},"resources":["arn:aws:s3:::"]}'
        b'{"cause":"","verdict":{"action":"s3:GetObject","decode_status":"PRESENT","effect":"IMPLICIT_DENY","'
        b'evidence":"REPORTED","kind":"MISSING_PERMISSION","layer":"IDENTITY_BASED_POLICY","'
        b'principal":{"account":"","arn":"arn:aws:iam::","session_arn":"arn:aws:sts::","session_name":"","'
        b'type":"ROLE","unique_id":"AROA"},"resource":"arn:aws:"},"resource_template":"arn:aws:'
        b"arn:aws:sts:::assumed-role/ is not authorized to perform: on resource: "
        b"because no identity-based policy allows the action"
    ),
}
_NEWEST = max(_DICTIONARIES)


def pack(text: str) -> bytes:
    """Returns the text in a form that ``unpack`` reads, usually a third as long."""
    machine = zlib.compressobj(9, wbits=-15, zdict=_DICTIONARIES[_NEWEST])
    raw = text.encode("utf-8", "surrogatepass")
    return bytes([_NEWEST]) + machine.compress(raw) + machine.flush()


def unpack(packed: bytes) -> str:
    """Returns the text that was packed.

    Raises:
        Unreadable: These bytes were not packed here.

    """
    try:
        machine = zlib.decompressobj(wbits=-15, zdict=_DICTIONARIES[packed[0]])
        raw = machine.decompress(packed[1:], LARGEST)
        text = raw.decode("utf-8", "surrogatepass")
    except (zlib.error, KeyError, IndexError, UnicodeDecodeError) as error:
        raise Unreadable(f"stored bytes are no packed text: {error!r}") from error
    if not machine.eof:
        raise Unreadable("stored bytes are cut off, or too long for packed text")
    return text
