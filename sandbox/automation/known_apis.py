"""AWS operations that runbooks call, checked against the service models that botocore ships."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import ListShape, StructureShape
from botocore.session import Session

from sandbox.automation.selector import steps_of
from sandbox.automation.starting import OWN_INPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from botocore.model import OperationModel, ServiceModel, Shape

_REFUSED: Final = {"iam-toolbox": "Automation's SDK lags weeks behind; this service is not in it"}
_session: Final = cache(Session)


def api_problems(inputs: Mapping[str, object], outputs: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Yields what is wrong with a step's Service, Api, arguments and selectors."""
    service, api = inputs.get("Service"), inputs.get("Api")
    if not isinstance(service, str) or not isinstance(api, str):
        yield "the inputs Service and Api are required"
        return
    operation = _REFUSED.get(service) or _operation(service, api)
    if isinstance(operation, str):
        yield operation
        return
    if operation.has_streaming_input or operation.has_streaming_output:
        yield f"{service}:{api} streams, which Automation does not support"
    yield from _arguments(operation, set(inputs) - OWN_INPUTS)
    for output in outputs:
        yield from _selector(operation, output)


def _operation(service: str, api: str) -> OperationModel | str:
    model = _service(service)
    if model is None:
        return f"the Service {service} is unknown"
    names = {xform_name(name): name for name in model.operation_names}
    name = names.get(api, api)
    return model.operation_model(name) if name in model.operation_names else f"{service} has no Api {api}"


@cache
def _service(service: str) -> ServiceModel | None:
    try:
        return _session().get_service_model(service)
    except UnknownServiceError:
        return None


def _arguments(operation: OperationModel, given: set[str]) -> Iterator[str]:
    shape = operation.input_shape
    known = set(shape.members) if shape else set()
    required = set(shape.required_members) if shape else set()
    for name in sorted(given - known):
        yield f"{operation.name} has no argument {name}"
    for name in sorted(required - given):
        yield f"{operation.name} needs the argument {name}"


def _selector(operation: OperationModel, output: Mapping[str, str]) -> Iterator[str]:
    shape: Shape | None = operation.output_shape
    for key in steps_of(output["Selector"]):
        if not isinstance(shape, StructureShape | ListShape):
            return
        shape = _inner(shape, key)
        if shape is None:
            yield f"{output['Name']}: {output['Selector']} selects nothing from the response of {operation.name}"


def _inner(shape: StructureShape | ListShape, key: str | None) -> Shape | None:
    if isinstance(shape, StructureShape):
        return shape.members.get(key) if key is not None else None
    return shape.member if key is None else None
