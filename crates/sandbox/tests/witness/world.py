"""The sandbox under test, accounts of their own for each scenario, and clients whose answers are all checked."""

import datetime
import json
import random
import urllib.request

import botocore.config
import botocore.session

from . import model, quiet

REGION = "eu-west-1"
CONFIG = botocore.config.Config(
    retries={"total_max_attempts": 1},
    # So that a scenario can ask for what no SDK would send.
    parameter_validation=False,
    proxies={},
    inject_host_prefix=False,
    read_timeout=30,
)


class World:
    def __init__(self, sandbox, ministack, report):
        self.sandbox = sandbox.rstrip("/")
        self.ministack = ministack.rstrip("/")
        self.report = report
        self.session = botocore.session.Session()
        # Those of the scenario that runs.
        self.accounts = []
        # Named in findings.
        self.scenario = ""

    def account(self):
        """A fresh one: runs share a ministack."""
        account = Account(self, f"{random.randrange(10**11, 10**12)}")
        self.accounts.append(account)
        return account

    def client(self, service, endpoint, region, key, secret="test", token=None):
        client = self.session.create_client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=CONFIG,
        )
        if endpoint == self.sandbox:
            client.meta.events.register("before-parse", self._check)
        return client

    def _check(self, operation_model, response_dict, **_):
        status, body = response_dict["status_code"], response_dict["body"]
        # Who says so, the sandbox or ministack, is speaking for itself and not for AWS; coverage looks at it.
        offered = status != 501 and b"<Code>InvalidAction</Code>" not in body
        problems = model.check(operation_model, status, response_dict["headers"], body) if offered else ()
        self.report.answered(self.scenario, operation_model, offered, problems)

    def advance(self, **span):
        """Moves the sandbox's clock, by whatever `timedelta` takes; returns when everything due is done."""
        seconds = int(datetime.timedelta(**span).total_seconds())
        return self.control("POST", "/clock", {"advance_seconds": seconds})["now"]

    def now(self):
        """The sandbox's time, with its zone."""
        return datetime.datetime.fromisoformat(self.control("GET", "/clock")["now"])

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.sandbox}/_sandbox{path}", data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"null")


class Account:
    """One AWS account, used as its root."""

    def __init__(self, world, id):
        self.world = world
        self.id = id
        # (service, region) to client.
        self._through = {}
        self._past = {}

    def sandbox(self, service, region=REGION):
        """A client through the sandbox: each answer is checked."""
        return self._client(self._through, self.world.sandbox, service, region)

    def ministack(self, service, region=REGION):
        """A client past the sandbox, for resources that it does not touch."""
        return self._client(self._past, self.world.ministack, service, region)

    def _client(self, clients, endpoint, service, region):
        if (service, region) not in clients:
            clients[service, region] = self.world.client(service, endpoint, region, self.id)
        return clients[service, region]

    def quieten(self):
        """Ends whatever goes on as time goes by, so that later scenarios can move the clock cheaply."""
        for (service, _), client in self._through.items():
            if service in quiet.ENDS:
                quiet.ENDS[service](client)

    def role(self, name="backup", service="backup.amazonaws.com"):
        """ARN of a new role that the service may assume and that may do everything."""
        iam = self.ministack("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        every = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        document = lambda statement: json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(every))
        return role["Role"]["Arn"]
