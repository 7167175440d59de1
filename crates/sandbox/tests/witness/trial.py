"""What a scenario says: calls what AWS documents, and notes where the sandbox differs without giving up at once."""

import botocore.exceptions

SCENARIOS = {}


def scenario(function):
    """Registers `module.function`; its docstring names the pages of AWS's documentation that it reads."""
    SCENARIOS[f"{function.__module__.rpartition('.scenarios.')[2]}.{function.__name__}"] = function
    return function


class Trial:
    def __init__(self, world, name):
        self.world = world
        self.name = name
        world.accounts.clear()
        self.account = world.account()

    def run(self, function):
        self.world.scenario = self.name
        try:
            function(self)
        except botocore.exceptions.ClientError as error:
            if _not_offered(error):
                self.world.report.stopped(self.name, error.operation_name)
            else:
                self._found(f"gave up: {_error(error)}")
        except Exception as error:  # A witness must name what it met, whatever it is, and let the others speak.
            trace = error.__traceback__
            while trace.tb_next and trace.tb_next.tb_frame.f_code.co_filename.find("/witness/") >= 0:
                trace = trace.tb_next
            where = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
            self._found(f"gave up at {where}: {type(error).__name__}: {error}")
        finally:
            for account in self.world.accounts:
                account.quieten()

    def same(self, what, seen, expected):
        if seen != expected:
            self._found(f"{what}: expected {_short(expected)}, seen {_short(seen)}")
        self.world.report.checks += 1

    def true(self, what, holds):
        self.same(what, bool(holds), True)

    def has(self, what, seen, **expected):
        """The members of an answer that matter here; `None` means that the member is left out."""
        for member, value in expected.items():
            self.same(f"{what}.{member}", seen.get(member), value)

    def refused(self, codes, call, says="", because="", **params):
        """The call is refused with one of `codes`, in words that contain `says`. Returns the error's answer, or
        nothing."""
        operation = _operation(call)
        self.world.report.checks += 1
        try:
            answer = call(**params)
        except botocore.exceptions.ClientError as error:
            if _not_offered(error):
                raise
            seen = error.response["Error"]
            if seen["Code"] not in codes.split("|"):
                self._found(f"{operation}: expected {codes}{_reason(because)}, seen {_error(error)}")
            elif says.lower() not in seen.get("Message", "").lower():
                self._found(f"{operation}: {codes} should say {says!r}, says {seen.get('Message')!r}")
            return error.response
        if isinstance(answer, dict):
            answer.pop("ResponseMetadata", None)
        self._found(
            f"{operation}: expected {codes}{_reason(because)}, seen success {_short(answer)} for {_short(params)}"
        )
        return None

    def accepted(self, call, **params):
        """The call's answer, or nothing where it is refused, which is noted."""
        try:
            return call(**params)
        except botocore.exceptions.ClientError as error:
            if _not_offered(error):
                raise
            self._found(f"expected success, seen {_error(error)} for {_short(params)}")
            return None

    def _found(self, sentence):
        self.world.report.found(self.name, sentence)


def pages(call, member, size_name="MaxResults", token="NextToken", size=1, **params):
    """Every item of a list, page by page, with the sizes of the pages."""
    items, sizes, next_token = [], [], None
    while True:
        more = {token: next_token} if next_token else {}
        page = call(**{size_name: size}, **more, **params)
        items += page[member]
        sizes.append(len(page[member]))
        next_token = page.get(token)
        if not next_token or len(sizes) > 100:
            return items, sizes


def _operation(call):
    """As AWS writes it; a scenario's own function is known by the call's parameters alone."""
    name = getattr(call, "__name__", "")
    return "".join(part.title() for part in name.split("_")) if hasattr(call, "__self__") else "the call"


def _reason(because):
    return f" because {because}" if because else ""


def _error(error):
    seen = error.response["Error"]
    return f"{error.operation_name} refused with {seen['Code']}: {seen.get('Message', '')[:160]}"


def _not_offered(error):
    """The sandbox's own refusal, or ministack's of an RDS operation that nobody has."""
    return (
        error.response["ResponseMetadata"]["HTTPStatusCode"] == 501
        or error.response["Error"]["Code"] == "InvalidAction"
    )


def _short(value):
    text = repr(value)
    return text if len(text) < 120 else f"{text[:120]}…"
