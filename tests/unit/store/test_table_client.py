"""What DynamoDB answers becomes one of three things: done, a condition that did not hold, or try again later."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from redress.adapters.table_client import ATTEMPTS, DynamoStore
from redress.adapters.table_writes import Absent, Ask, Key, NotMet, OneOf, Put, Update
from redress.domain.errors import Retry

KEY = Key(pk="P", sk="S")
PUT = Put(item={"pk": "P", "sk": "S"}, when=(Absent(),))
UPDATE = Update(
    key=KEY, assign={"state": "X"}, add={"count": 1}, remove=("ttl",), when=(OneOf(name="count", values=(1, 2)),)
)


def fault(code: str, status: int = 400, reasons: tuple[str, ...] = ()) -> ClientError:
    """An error as boto3 raises it."""
    response: Any = {
        "Error": {"Code": code, "Message": "told by DynamoDB"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return ClientError(response, "Operation")


class Answers:
    """A client that gives these answers in turn, and remembers the calls."""

    def __init__(self, *answers: Any) -> None:  # noqa: ANN401 - answers and errors
        self.answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        """Returns a method that answers."""

        def method(**call: object) -> Any:  # noqa: ANN401 - any answer
            self.calls.append((operation, call))
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return method


def store(*answers: object) -> tuple[DynamoStore, Answers, list[float]]:
    """A store over these answers, with the calls and the pauses it makes."""
    client, pauses = Answers(*answers), list[float]()
    return DynamoStore(client, "T", pause=pauses.append), client, pauses


TEMPORARY = [
    fault("ProvisionedThroughputExceededException"),
    fault("ThrottlingException"),
    fault("InternalServerError", 500),
    fault("SomethingNew", 503),
    fault("TransactionConflictException"),
    fault("TransactionCanceledException", reasons=("None", "TransactionConflict")),
    fault("TransactionCanceledException", reasons=("ThrottlingError",)),
    ConnectTimeoutError(endpoint_url="https://dynamodb"),
]


@pytest.mark.parametrize("error", TEMPORARY)
def test_temporary_faults_are_retried(error: Exception) -> None:
    """A temporary fault is tried again after a growing pause, and then it is done."""
    table, client, pauses = store(error, error, {})
    table.write(PUT)
    assert (len(client.calls), len(pauses)) == (3, 2)


@pytest.mark.parametrize("error", TEMPORARY)
def test_lasting_faults_are_retries(error: Exception) -> None:
    """A fault that stays becomes Retry, so that the message goes back to its queue."""
    table, client, _ = store(*[error] * ATTEMPTS)
    with pytest.raises(Retry):
        table.get(KEY)
    assert len(client.calls) == ATTEMPTS


NOT_MET = [
    fault("ConditionalCheckFailedException"),
    fault("TransactionCanceledException", reasons=("None", "ConditionalCheckFailed")),
    fault("TransactionCanceledException", reasons=("TransactionConflict", "ConditionalCheckFailed")),
]


@pytest.mark.parametrize("error", NOT_MET)
def test_conditions_are_answers(error: Exception) -> None:
    """A condition that does not hold is told at once and not tried again."""
    table, client, _ = store(error)
    with pytest.raises(NotMet):
        table.write(PUT, UPDATE)
    assert len(client.calls) == 1


SET_UP = [
    fault("ResourceNotFoundException"),
    fault("AccessDeniedException"),
    fault("ValidationException"),
    fault("TransactionCanceledException", reasons=("ValidationError",)),
]


@pytest.mark.parametrize("error", SET_UP)
def test_faults_of_the_set_up_are_raised(error: ClientError) -> None:
    """A missing table, a missing permission or a wrong request is nobody's temporary fault."""
    table, _, _ = store(error)
    with pytest.raises(ClientError):
        table.write(PUT)


def test_what_was_left_undone_is_done() -> None:
    """Keys and items that DynamoDB leaves unprocessed are asked for again."""
    item = {"pk": {"S": "P"}, "sk": {"S": "S"}}
    table, client, _ = store(
        {"Responses": {}, "UnprocessedKeys": {"T": {"Keys": [item]}}},
        {"Responses": {"T": [item]}},
        {"UnprocessedItems": {"T": [{"PutRequest": {"Item": item}}]}},
        {},
    )
    assert table.get_many([KEY]) == ({"pk": "P", "sk": "S"},)
    table.put_all([{"pk": "P", "sk": "S"}])
    assert [operation for operation, _ in client.calls] == ["batch_get_item"] * 2 + ["batch_write_item"] * 2


def test_what_stays_undone_is_a_retry() -> None:
    """What DynamoDB never processes becomes Retry."""
    left: dict[str, Any] = {"UnprocessedItems": {"T": [{"PutRequest": {"Item": {}}}]}}
    table, _, _ = store(*[left] * ATTEMPTS)
    with pytest.raises(Retry, match="undone"):
        table.put_all([{"pk": "P", "sk": "S"}])


def test_expressions() -> None:
    """Every name and value goes through a placeholder."""
    table, client, _ = store({})
    table.write(UPDATE)
    ((operation, call),) = client.calls
    assert operation == "update_item"
    assert call == {
        "TableName": "T",
        "Key": {"pk": {"S": "P"}, "sk": {"S": "S"}},
        "UpdateExpression": "SET #n0 = :v0 ADD #n1 :v1 REMOVE #n2",
        "ConditionExpression": "#n1 IN (:v2, :v3)",
        "ExpressionAttributeNames": {"#n0": "state", "#n1": "count", "#n2": "ttl"},
        "ExpressionAttributeValues": {":v0": {"S": "X"}, ":v1": {"N": "1"}, ":v2": {"N": "1"}, ":v3": {"N": "2"}},
    }


def test_table_is_read_as_it_is_now() -> None:
    """Queries of the table are strongly consistent; those of an index cannot be."""
    table, client, _ = store({"Items": []}, {"Items": []})
    table.query(Ask(value="P", prefix="SEEN#"))
    table.query(Ask(value="OPEN", index="by_state"))
    assert [call.get("ConsistentRead") for _, call in client.calls] == [True, None]


def test_nothing_to_write() -> None:
    """No writes are no call."""
    table, client, _ = store()
    table.write()
    assert client.calls == []
