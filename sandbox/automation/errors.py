"""What the API answers when it refuses a call.

One class, because there is one catcher: ``AutomationService.handle`` turns it into the wire's error shape.
The names are those of the SSM model (botocore ``ssm/2014-11-06``), or AWS's common errors.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Every error name that the emulated operations answer with."""

    VALIDATION = "ValidationException"
    THROTTLING = "ThrottlingException"
    DEFINITION_NOT_FOUND = "AutomationDefinitionNotFoundException"
    DEFINITION_VERSION_NOT_FOUND = "AutomationDefinitionVersionNotFoundException"
    EXECUTION_PARAMETERS = "InvalidAutomationExecutionParametersException"
    EXECUTION_LIMIT = "AutomationExecutionLimitExceededException"
    IDEMPOTENT_MISMATCH = "IdempotentParameterMismatch"
    EXECUTION_NOT_FOUND = "AutomationExecutionNotFoundException"
    STEP_NOT_FOUND = "AutomationStepNotFoundException"
    SIGNAL = "InvalidAutomationSignalException"
    STATUS_UPDATE = "InvalidAutomationStatusUpdateException"
    DOCUMENT = "InvalidDocument"
    DOCUMENT_CONTENT = "InvalidDocumentContent"
    DOCUMENT_EXISTS = "DocumentAlreadyExists"
    DOCUMENT_LIMIT = "DocumentLimitExceeded"
    DOCUMENT_OPERATION = "InvalidDocumentOperation"
    DOCUMENT_SCHEMA = "InvalidDocumentSchemaVersion"
    DOCUMENT_SIZE = "MaxDocumentSizeExceeded"
    DOCUMENT_TYPE = "InvalidDocumentType"
    DOCUMENT_VERSION = "InvalidDocumentVersion"
    DOCUMENT_VERSION_LIMIT = "DocumentVersionLimitExceeded"
    DUPLICATE_CONTENT = "DuplicateDocumentContent"
    DUPLICATE_VERSION_NAME = "DuplicateDocumentVersionName"
    FILTER_KEY = "InvalidFilterKey"
    FILTER_VALUE = "InvalidFilterValue"
    NEXT_TOKEN = "InvalidNextToken"  # noqa: S105 - an error's name
    CALENDAR = "UnsupportedCalendarException"


class Refusal(Exception):  # noqa: N818 - named for the decision, not the fault
    """A refused call; the text says what is wrong with it."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def body(self) -> dict[str, str]:
        """Returns the JSON 1.1 error body; botocore reads the name from ``__type``."""
        return {"__type": self.code.value, "message": self.message, "Message": self.message}
