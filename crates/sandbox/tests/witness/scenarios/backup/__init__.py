"""AWS Backup, read from botocore's model and AWS's guide before anything was built: an independent reading."""

import datetime

ENDED = {"COMPLETED", "FAILED", "ABORTED", "EXPIRED", "PARTIAL"}
SOON = datetime.timedelta(minutes=10)


class Desk:
    """One account's AWS Backup in one region, with a role, and resources that can be backed up."""

    def __init__(self, t, account=None, region="eu-west-1"):
        self.t = t
        self.account = account or t.account
        self.region = region
        self.api = self.account.sandbox("backup", region)
        self._role = None

    @property
    def role(self):
        self._role = self._role or self.account.role()
        return self._role

    def arn(self, kind, name, service="backup"):
        return f"arn:aws:{service}:{self.region}:{self.account.id}:{kind}{name}"

    def vault(self, name="vault", **params):
        """Its name."""
        return self.api.create_backup_vault(BackupVaultName=name, **params)["BackupVaultName"]

    def plan(self, name="plan", tags=None, creator=None, **rule):
        """The answer that creates a plan with one rule; the vault `vault` must exist."""
        rule = {"RuleName": "daily", "TargetBackupVaultName": "vault", **rule}
        more = {"BackupPlanTags": tags} if tags else {}
        more |= {"CreatorRequestId": creator} if creator else {}
        return self.api.create_backup_plan(BackupPlan={"BackupPlanName": name, "Rules": [rule]}, **more)

    def select(self, plan, name="selection", **selection):
        """The id of a new selection."""
        selection = {"SelectionName": name, "IamRoleArn": self.role, **selection}
        return self.api.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)["SelectionId"]

    # Resources, made in ministack; a database through the sandbox, which completes RDS.

    def volume(self, **tags):
        ec2 = self.account.ministack("ec2", self.region)
        tagged = [{"ResourceType": "volume", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]
        more = {"TagSpecifications": tagged} if tags else {}
        volume = ec2.create_volume(AvailabilityZone=f"{self.region}a", Size=8, **more)
        return self.arn("volume/", volume["VolumeId"], "ec2")

    def table(self, name="orders"):
        dynamodb = self.account.ministack("dynamodb", self.region)
        table = dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        return table["TableDescription"]["TableArn"]

    def file_system(self, token="files"):
        efs = self.account.ministack("efs", self.region)
        return efs.create_file_system(CreationToken=token, Encrypted=True)["FileSystemArn"]

    def database(self, name="db"):
        rds = self.account.sandbox("rds", self.region)
        made = rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t3.medium",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="postgres",
            MasterUserPassword="not-a-secret",
        )
        return made["DBInstance"]["DBInstanceArn"]

    # Jobs, and waiting for them on the virtual clock.

    def start(self, resource, vault="vault", **params):
        return self.api.start_backup_job(BackupVaultName=vault, ResourceArn=resource, IamRoleArn=self.role, **params)[
            "BackupJobId"
        ]

    def backed_up(self, resource, vault="vault", **params):
        """A completed job, as it is described."""
        job = self.ended(self.start(resource, vault, **params))
        self.t.same(f"state of a job for {resource.split(':')[2]}", job["State"], "COMPLETED")
        return job

    def ended(self, job):
        return self._wait(lambda: self.api.describe_backup_job(BackupJobId=job), "State")

    def copied(self, job):
        return self._wait(lambda: self.api.describe_copy_job(CopyJobId=job)["CopyJob"], "State")

    def restored(self, job):
        return self._wait(lambda: self.api.describe_restore_job(RestoreJobId=job), "Status")

    def _wait(self, describe, state):
        for _ in range(30):
            job = describe()
            if job[state] in ENDED:
                return job
            self.t.world.advance(minutes=10)
        return job


def near(seen, expected, seconds=120):
    """Whether two times are the same but for what a run takes."""
    return seen is not None and abs((seen - expected).total_seconds()) < seconds
