"""What was found, grouped, and which operations were called."""

from collections import Counter, defaultdict


class Report:
    def __init__(self):
        # (service, operation, path, problem) to the scenarios that met it.
        self._answers = defaultdict(Counter)
        # scenario to sentences.
        self._scenarios = defaultdict(list)
        # service to operations that were answered by something else than "not implemented".
        self.exercised = defaultdict(set)
        # scenario to the operation that the sandbox does not offer; it says so, which is no finding.
        self._stopped = {}
        self.calls = 0
        self.checks = 0

    def answered(self, scenario, operation, offered, problems):
        """One raw answer, with what the model has against it."""
        self.calls += 1
        service = operation.service_model.service_name
        if offered:
            self.exercised[service].add(operation.name)
        for path, problem in problems:
            self._answers[service, operation.name, path, problem][scenario] += 1

    def found(self, scenario, sentence):
        """A scenario saw something else than AWS documents."""
        self._scenarios[scenario].append(sentence)

    def stopped(self, scenario, operation):
        """A scenario came to an operation that the sandbox does not offer."""
        self._stopped[scenario] = operation

    def __bool__(self):
        return bool(self._answers or self._scenarios)

    def lines(self):
        for scenario, operation in self._stopped.items():
            yield f"{scenario} stopped at {operation}, which is not offered"
        if self._answers:
            yield "Answers that botocore's models do not allow:"
        for (service, operation, path, problem), scenarios in sorted(self._answers.items()):
            first = next(iter(scenarios))
            yield f"  {service}:{operation} {path}: {problem} ({sum(scenarios.values())}x, first in {first})"
        for scenario, sentences in self._scenarios.items():
            yield f"{scenario}:"
            yield from (f"  {sentence}" for sentence in sentences)
