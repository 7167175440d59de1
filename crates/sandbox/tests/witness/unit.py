"""Whether the judge can find anything: answers that are right, and each way in which one can be wrong."""

import json
import unittest

import botocore.session
from botocore.compat import HTTPHeaders

from . import model

SESSION = botocore.session.Session()
ID = "11111111-2222-4333-8444-555555555555"
RDS = "http://rds.amazonaws.com/doc/2014-10-31/"


def problems(service, operation, status, body, **headers):
    """The problems of one answer, each as "path: problem"."""
    given = {"x-amzn-requestid": ID, **{name.replace("_", "-"): value for name, value in headers.items()}}
    wire = HTTPHeaders()
    for name, value in given.items():
        wire[name] = value
    asked = SESSION.get_service_model(service).operation_model(operation)
    return [f"{path}: {problem}" for path, problem in model.check(asked, status, wire, body)]


def backup(operation, answer, status=200, **headers):
    return problems(
        "backup", operation, status, json.dumps(answer).encode(), **{"content_type": "application/json", **headers}
    )


def rds(operation, result, status=200):
    metadata = f"<ResponseMetadata><RequestId>{ID}</RequestId></ResponseMetadata>"
    result = f"<{operation}Result>{result}</{operation}Result>"
    body = f'<{operation}Response xmlns="{RDS}">{result}{metadata}</{operation}Response>'
    return problems("rds", operation, status, body.encode(), content_type="text/xml")


def rds_error(operation, code, status=400, kind="Sender"):
    error = f"<Error><Type>{kind}</Type><Code>{code}</Code><Message>no</Message></Error>"
    body = f'<ErrorResponse xmlns="{RDS}">{error}<RequestId>{ID}</RequestId></ErrorResponse>'
    return problems("rds", operation, status, body.encode(), content_type="text/xml")


class Witness(unittest.TestCase):
    def finds(self, seen, *parts):
        """Exactly one problem, which names all parts."""
        self.assertEqual(len(seen), 1, seen)
        for part in parts:
            self.assertIn(part, seen[0])


class RestJson(Witness):
    VAULT = {"BackupVaultName": "v1", "Locked": False, "NumberOfRecoveryPoints": 0, "CreationDate": 1700000000.123}

    def vault(self, **changes):
        return backup("DescribeBackupVault", {**self.VAULT, **changes})

    def test_a_right_answer_has_no_problems(self):
        self.assertEqual(self.vault(), [])
        self.assertEqual(self.vault(LockDate=None), [], "AWS Backup writes absent members as null")
        self.assertEqual(problems("backup", "DeleteBackupVault", 200, b""), [])

    def test_members(self):
        self.finds(self.vault(Colour="red"), "Colour", "unknown member")
        self.finds(
            backup("CreateRestoreTestingPlan", {"RestoreTestingPlanArn": "a", "RestoreTestingPlanName": "b"}, 201),
            "CreationTime",
            "missing",
        )
        self.finds(
            backup("GetBackupPlan", {"BackupPlan": {"BackupPlanName": "p", "Rules": [{"RuleName": "r"}]}}),
            "Rules[].TargetBackupVaultName",
            "missing",
        )

    def test_scalars(self):
        self.finds(self.vault(Locked="false"), "Locked", "boolean")
        self.finds(self.vault(NumberOfRecoveryPoints="1"), "NumberOfRecoveryPoints", "long")
        self.finds(self.vault(NumberOfRecoveryPoints=True), "NumberOfRecoveryPoints", "long")
        self.finds(self.vault(VaultType="SAFE"), "VaultType", "none of")
        self.finds(self.vault(CreationDate="2026-01-01T00:00:00Z"), "CreationDate", "timestamp")
        self.finds(self.vault(CreationDate=1700000000.1234), "CreationDate", "milliseconds")
        self.finds(backup("CreateBackupVault", {"BackupVaultName": "x"}), "BackupVaultName", "does not match")

    def test_lists_and_maps(self):
        self.finds(backup("ListBackupVaults", {"BackupVaultList": {}}), "BackupVaultList", "no list")
        self.finds(backup("ListTags", {"Tags": [{"Key": "a", "Value": "b"}]}), "Tags", "no map")
        self.finds(backup("ListTags", {"Tags": {"a": 1}}), "Tags{}", "string")

    def test_frame(self):
        self.finds(
            backup(
                "CreateRestoreTestingSelection",
                {
                    "CreationTime": 1,
                    "RestoreTestingPlanArn": "a",
                    "RestoreTestingPlanName": "b",
                    "RestoreTestingSelectionName": "c",
                },
            ),
            "status",
            "201",
        )
        self.finds(backup("ListTags", {"Tags": {}}, content_type="text/plain"), "content-type")
        self.finds(backup("ListTags", {"Tags": {}}, x_amzn_requestid=""), "x-amzn-RequestId")
        self.finds(problems("backup", "ListTags", 200, b"{", content_type="application/json"), "body", "no JSON")
        self.finds(problems("backup", "DeleteBackupVault", 200, b'{"a": 1}'), "body")

    def test_errors(self):
        error = {"Code": "ERROR_9101", "Context": None, "Message": "no"}
        refused = lambda code, answer=error, status=400: backup(
            "DeleteBackupVault", answer, status, x_amzn_errortype=code
        )
        self.assertEqual(refused("InvalidRequestException"), [])
        self.assertEqual(refused("InvalidRequestException:http://internal.amazon.com/coral/"), [])
        self.assertEqual(refused("ThrottlingException", {"message": "slow"}), [])
        self.finds(refused("AlreadyExistsException"), "error code", "neither declared")
        self.finds(refused("InvalidRequestException", status=409), "status", "400")
        self.finds(refused("InvalidRequestException", {"Code": "E"}), "message", "missing")
        self.finds(refused("InvalidRequestException", {**error, "Hint": "x"}), "Hint", "unknown member")
        self.finds(backup("DeleteBackupVault", {**error, "__type": "InvalidRequestException"}, 400), "x-amzn-ErrorType")

    def test_iso_timestamps_where_the_model_says_so(self):
        policy = lambda at: problems(
            "dlm",
            "GetLifecyclePolicy",
            200,
            json.dumps({"Policy": {"DateCreated": at}}).encode(),
            content_type="application/json",
        )
        self.assertEqual(policy("2026-01-01T00:00:00.000Z"), [])
        self.finds(policy(1700000000), "DateCreated", "iso8601")


class Query(Witness):
    def test_a_right_answer_has_no_problems(self):
        created = "<InstanceCreateTime>2026-01-01T00:00:00.123Z</InstanceCreateTime>"
        instance = f"<DBInstanceIdentifier>a</DBInstanceIdentifier>{created}<MultiAZ>false</MultiAZ>"
        self.assertEqual(
            rds("DescribeDBInstances", f"<DBInstances><DBInstance>{instance}</DBInstance></DBInstances>"), []
        )
        self.assertEqual(rds_error("DescribeDBInstances", "DBInstanceNotFound", 404), [])
        self.assertEqual(rds_error("DescribeDBInstances", "Throttling"), [])

    def test_members(self):
        instance = lambda xml: rds("DescribeDBInstances", f"<DBInstances><DBInstance>{xml}</DBInstance></DBInstances>")
        self.finds(instance("<Colour>red</Colour>"), "Colour", "unknown member")
        self.finds(instance("<Engine>a</Engine><Engine>b</Engine>"), "Engine", "twice")
        self.finds(instance("<Engine></Engine>"), "Engine", "empty")
        self.finds(instance("<AllocatedStorage>many</AllocatedStorage>"), "AllocatedStorage", "integer")
        self.finds(instance("<MultiAZ>yes</MultiAZ>"), "MultiAZ", "boolean")
        self.finds(
            instance("<InstanceCreateTime>2026-01-01T00:00:00.123456Z</InstanceCreateTime>"),
            "InstanceCreateTime",
            "iso8601",
        )
        self.finds(
            instance("<InstanceCreateTime>2026-01-01 00:00:00</InstanceCreateTime>"), "InstanceCreateTime", "iso8601"
        )
        self.finds(instance("<Endpoint>host</Endpoint>"), "Endpoint", "text")
        self.finds(
            rds("DescribeDBInstances", "<DBInstances><member></member></DBInstances>"), "DBInstances", "DBInstance"
        )

    def test_frame(self):
        name = "ListTagsForResource"
        metadata = f"<ResponseMetadata><RequestId>{ID}</RequestId></ResponseMetadata>"
        right = f'<{name}Response xmlns="{RDS}"><{name}Result></{name}Result>{metadata}</{name}Response>'
        given = lambda text, **headers: problems(
            "rds", "ListTagsForResource", 200, text.encode(), **{"content_type": "text/xml", **headers}
        )
        self.assertEqual(given(right), [])
        self.finds(given(right.replace(RDS, "urn:x")), "xmlns")
        self.finds(given(right.replace(f"<RequestId>{ID}</RequestId>", "")), "RequestId", "missing")
        self.finds(given(right[:-1]), "no well-formed XML")
        self.finds(given(right, content_type="application/json"), "content-type")
        self.finds(given(right, x_amzn_requestid="12"), "x-amzn-RequestId", "no UUID")

    def test_errors(self):
        self.finds(rds_error("DescribeDBInstances", "DBInstanceNotFound", 400), "status", "404")
        self.finds(rds_error("DescribeDBInstances", "DBSnapshotNotFound", 404), "error code", "neither declared")
        self.finds(rds_error("DescribeDBInstances", "InternalFailure", 500), "Error.Type", "Receiver")


class Ec2(Witness):
    def test_the_protocol_without_wrappers(self):
        given = lambda xml: problems(
            "ec2",
            "DescribeSnapshots",
            200,
            f'<DescribeSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>{ID}</requestId>{xml}</DescribeSnapshotsResponse>'.encode(),
            content_type="text/xml;charset=UTF-8",
        )
        right = "<snapshotSet><item><snapshotId>snap-1</snapshotId><status>completed</status></item></snapshotSet>"
        self.assertEqual(given(right), [])
        self.finds(given(right.replace("completed", "done")), "status", "none of")
        self.finds(given(right.replace("item>", "member>")), "snapshotSet", "item")
