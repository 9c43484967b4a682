"""SSM documents and Automation executions, as the local AWS answers them.

For the server: ``service`` (its module docstring is the contract), ``caller.Caller``, and the protocols in ``ports``
(``CredentialsSource``, ``EventSink``; ``Clock`` has a default)::

    service = AutomationService.of(
        credentials=roles,                       # .assume_as_service(role_arn, session_name, "ssm.amazonaws.com")
        sink=bus,                                # .emit(source, detail_type, detail, resources)
        endpoint="http://127.0.0.1:4566",
        python=os.environ.get("REDRESS_PYTHON", sys.executable),
        place=Place(account="000000000000", region="us-east-1"),
    )
    if operation in OPERATIONS:
        needed = service.resources_for(operation, payload)      # [(action, resource ARN)], authorize all
        status, body = service.handle(operation, payload, Caller(arn=arn, account=account))
    ...
    service.engine.close()

For tests of runbooks: ``validate.problems(document)``.
For tests that go step by step: ``Engine(performer=…, clock=…, sink=…, runner=runners.Stepped())``, where nothing
happens until ``runner.step()``, and time moves by ``engine.tick()``; or the pure ``machine.advance`` itself.

What it does and doesn't do:

- Actions: ``words.Action``. Everything else of schema 0.3 is refused by CreateDocument with a sentence.
- A runbook needs an assumeRole. Targets, rate control, the mode Interactive and child automations are refused.
- Nothing is kept across restarts; executions stay until then.
- Not documented by AWS, so to be checked on an account: the keys inside ApproverDecisions, the wording of the approval
  request, how often aws:waitForAwsResourceProperty looks, and that a failed Lambda function fails its step.
"""
