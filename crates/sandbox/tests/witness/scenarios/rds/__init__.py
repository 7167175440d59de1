"""RDS: what ministack answers, corrected and completed by the sandbox."""


class Desk:
    """One account's RDS in one region."""

    def __init__(self, t, account=None, region="eu-west-1"):
        self.t = t
        self.account = account or t.account
        self.region = region
        self.api = self.account.sandbox("rds", region)

    def arn(self, kind, name):
        return f"arn:aws:rds:{self.region}:{self.account.id}:{kind}:{name}"

    def instance(self, name="db", **params):
        """The created instance."""
        given = {
            "DBInstanceIdentifier": name,
            "DBInstanceClass": "db.t3.medium",
            "Engine": "postgres",
            "AllocatedStorage": 20,
            "MasterUsername": "postgres",
            "MasterUserPassword": "not-a-secret",
            "BackupRetentionPeriod": 0,
            **params,
        }
        return self.api.create_db_instance(**given)["DBInstance"]

    def described(self, name="db"):
        return self.api.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    def cluster(self, name="cl", **params):
        given = {
            "DBClusterIdentifier": name,
            "Engine": "aurora-postgresql",
            "MasterUsername": "postgres",
            "MasterUserPassword": "not-a-secret",
            "BackupRetentionPeriod": 1,
            **params,
        }
        return self.api.create_db_cluster(**given)["DBCluster"]

    def snapshot(self, name="snap", instance="db", **params):
        return self.api.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=instance, **params)[
            "DBSnapshot"
        ]

    def snapshots(self, **params):
        return self.api.describe_db_snapshots(**params)["DBSnapshots"]

    def tags(self, arn):
        return {tag["Key"]: tag["Value"] for tag in self.api.list_tags_for_resource(ResourceName=arn)["TagList"]}


def available(t, describe, status, minutes=60):
    """What `describe` says once its status is available, or after some time."""
    for _ in range(minutes // 5):
        seen = describe()
        if seen[status] == "available":
            return seen
        t.world.advance(minutes=5)
    return seen
