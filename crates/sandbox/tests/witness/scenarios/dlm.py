"""Data Lifecycle Manager: snapshot policies of EBS."""

import datetime

from ..trial import scenario

WRONG = "InvalidRequestException"


class Desk:
    def __init__(self, t):
        self.t = t
        self.api = t.account.sandbox("dlm")
        self.role = t.account.role("dlm", "dlm.amazonaws.com")

    def details(self, **schedule):
        """A policy for the volumes tagged env=prod, with one schedule."""
        given = {
            "Name": "often",
            "CreateRule": {"Interval": 12, "IntervalUnit": "HOURS", "Times": ["03:00"]},
            "RetainRule": {"Count": 2},
            "CopyTags": True,
            "TagsToAdd": [{"Key": "from", "Value": "policy"}],
            **schedule,
        }
        return {
            "PolicyType": "EBS_SNAPSHOT_MANAGEMENT",
            "ResourceTypes": ["VOLUME"],
            "TargetTags": [{"Key": "env", "Value": "prod"}],
            "Schedules": [given],
        }

    def create(self, **params):
        given = {
            "ExecutionRoleArn": self.role,
            "Description": "our volumes",
            "State": "ENABLED",
            "PolicyDetails": self.details(),
            **params,
        }
        return self.api.create_lifecycle_policy(**given)["PolicyId"]

    def volume(self, **tags):
        tagged = [{"ResourceType": "volume", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]
        return self.t.account.ministack("ec2").create_volume(
            AvailabilityZone="eu-west-1a", Size=8, TagSpecifications=tagged
        )["VolumeId"]

    def snapshots(self, volume):
        found = self.t.account.ministack("ec2").describe_snapshots(
            OwnerIds=[self.t.account.id], Filters=[{"Name": "volume-id", "Values": [volume]}]
        )
        return [snapshot for snapshot in found["Snapshots"] if snapshot["VolumeId"] == volume]


@scenario
def life(t):
    """API_CreateLifecyclePolicy, API_GetLifecyclePolicy, API_UpdateLifecyclePolicy, API_DeleteLifecyclePolicy."""
    d = Desk(t)
    id = d.create(Tags={"a": "b"})
    policy = d.api.get_lifecycle_policy(PolicyId=id)["Policy"]
    arn = f"arn:aws:dlm:eu-west-1:{t.account.id}:policy/{id}"
    t.has(
        "GetLifecyclePolicy",
        policy,
        PolicyId=id,
        PolicyArn=arn,
        Description="our volumes",
        State="ENABLED",
        ExecutionRoleArn=d.role,
        Tags={"a": "b"},
    )
    details = policy["PolicyDetails"]
    t.has(
        "its details",
        details,
        PolicyType="EBS_SNAPSHOT_MANAGEMENT",
        ResourceTypes=["VOLUME"],
        TargetTags=[{"Key": "env", "Value": "prod"}],
    )
    schedule = details["Schedules"][0]
    t.has("its schedule", schedule, Name="often", RetainRule={"Count": 2}, CopyTags=True)
    t.has("when", schedule["CreateRule"], Interval=12, IntervalUnit="HOURS", Times=["03:00"])
    now = t.world.now()
    for date in ("DateCreated", "DateModified"):
        t.true(f"{date} is now", policy.get(date) and abs(policy[date] - now) < datetime.timedelta(minutes=2))
    t.world.advance(hours=1)
    d.api.update_lifecycle_policy(PolicyId=id, State="DISABLED", Description="rests")
    changed = d.api.get_lifecycle_policy(PolicyId=id)["Policy"]
    t.has("after an update", changed, State="DISABLED", Description="rests", ExecutionRoleArn=d.role)
    t.true("DateModified moves on", changed["DateModified"] > policy["DateModified"])
    t.same("DateCreated stays", changed["DateCreated"], policy["DateCreated"])
    d.api.delete_lifecycle_policy(PolicyId=id)
    gone = "ResourceNotFoundException"
    t.refused(gone, d.api.get_lifecycle_policy, PolicyId=id)
    t.refused(gone, d.api.update_lifecycle_policy, PolicyId=id, State="ENABLED")
    t.refused(gone, d.api.delete_lifecycle_policy, PolicyId=id)


@scenario
def lists(t):
    """API_GetLifecyclePolicies: each filter."""
    d = Desk(t)
    one = d.create()
    two = d.create(
        State="DISABLED", PolicyDetails={**d.details(TagsToAdd=[]), "TargetTags": [{"Key": "env", "Value": "test"}]}
    )
    by = lambda **params: {policy["PolicyId"] for policy in d.api.get_lifecycle_policies(**params)["Policies"]}
    expected = [
        ({}, {one, two}),
        ({"PolicyIds": [two]}, {two}),
        ({"State": "ENABLED"}, {one}),
        ({"State": "DISABLED"}, {two}),
        ({"ResourceTypes": ["VOLUME"]}, {one, two}),
        ({"ResourceTypes": ["INSTANCE"]}, set()),
        ({"TargetTags": ["env=prod"]}, {one}),
        ({"TagsToAdd": ["from=policy"]}, {one}),
    ]
    for params, ids in expected:
        t.same(f"GetLifecyclePolicies {params}", by(**params), ids)
    summary = d.api.get_lifecycle_policies(PolicyIds=[one])["Policies"][0]
    t.has(
        "a listed policy",
        summary,
        PolicyId=one,
        Description="our volumes",
        State="ENABLED",
        PolicyType="EBS_SNAPSHOT_MANAGEMENT",
    )


@scenario
def tags(t):
    """API_TagResource, API_UntagResource, API_ListTagsForResource."""
    d = Desk(t)
    arn = f"arn:aws:dlm:eu-west-1:{t.account.id}:policy/{d.create(Tags={'a': '1'})}"
    d.api.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    t.same("tags", d.api.list_tags_for_resource(ResourceArn=arn)["Tags"], {"a": "1", "b": "2"})
    d.api.untag_resource(ResourceArn=arn, TagKeys=["a"])
    t.same("tags", d.api.list_tags_for_resource(ResourceArn=arn)["Tags"], {"b": "2"})
    unknown = f"arn:aws:dlm:eu-west-1:{t.account.id}:policy/policy-0000000000000000f"
    t.refused("ResourceNotFoundException", d.api.list_tags_for_resource, ResourceArn=unknown)


@scenario
def validation(t):
    """API_CreateLifecyclePolicy, API_CreateRule, API_RetainRule, API_PolicyDetails: InvalidRequestException."""
    d = Desk(t)
    refused = lambda because, **params: t.refused(WRONG, d.create, because=because, **params)
    scheduled = lambda because, **schedule: refused(because, PolicyDetails=d.details(**schedule))
    without = lambda member: {key: value for key, value in d.details().items() if key != member}
    refused("no description", Description="")
    refused("a description has letters, digits, blanks, _ and -", Description="what?")
    refused("no role's ARN", ExecutionRoleArn="role")
    refused("no such state", State="TIRED")
    refused("no target tags", PolicyDetails=without("TargetTags"))
    refused("no resource type", PolicyDetails=without("ResourceTypes"))
    refused("no schedule", PolicyDetails=without("Schedules"))
    refused("no such type", PolicyDetails={**d.details(), "ResourceTypes": ["TOASTER"]})
    refused(
        "four schedules at most",
        PolicyDetails={
            **d.details(),
            "Schedules": [{**d.details()["Schedules"][0], "Name": f"s{n}"} for n in range(5)],
        },
    )
    scheduled(
        "intervals are 1, 2, 3, 4, 6, 8, 12 or 24 hours",
        CreateRule={"Interval": 5, "IntervalUnit": "HOURS", "Times": ["03:00"]},
    )
    scheduled("hours is the only unit", CreateRule={"Interval": 12, "IntervalUnit": "DAYS", "Times": ["03:00"]})
    scheduled("there is no 25 o'clock", CreateRule={"Interval": 12, "IntervalUnit": "HOURS", "Times": ["25:00"]})
    scheduled("an interval or a cron", CreateRule={})
    scheduled("not both", CreateRule={"Interval": 12, "IntervalUnit": "HOURS", "CronExpression": "cron(0 3 * * ? *)"})
    scheduled("that is no cron", CreateRule={"CronExpression": "cron(0 3 * * * * * *)"})
    scheduled("a count or an age", RetainRule={})
    scheduled("1000 at most", RetainRule={"Count": 1001})
    scheduled("not both", RetainRule={"Count": 1, "Interval": 1, "IntervalUnit": "DAYS"})
    t.accepted(
        d.create,
        PolicyDetails=d.details(
            CreateRule={"CronExpression": "cron(0 3 ? * MON *)"}, RetainRule={"Interval": 1, "IntervalUnit": "WEEKS"}
        ),
    )
    id = d.create()
    t.refused(WRONG, d.api.update_lifecycle_policy, because="no such state", PolicyId=id, State="TIRED")
    t.refused(
        WRONG,
        d.api.update_lifecycle_policy,
        because="1000 at most",
        PolicyId=id,
        PolicyDetails=d.details(RetainRule={"Count": 1001}),
    )


@scenario
def runs(t):
    """ "How Amazon Data Lifecycle Manager works": snapshots of tagged volumes, their tags, the oldest deleted beyond
    the count."""
    d = Desk(t)
    target, other = d.volume(env="prod", team="db"), d.volume(env="test")
    id = d.create()
    t.world.advance(days=1, hours=2)
    taken = d.snapshots(target)
    t.same("snapshots after a day of twelve hours each", len(taken), 2)
    t.same("of a volume that is no target", d.snapshots(other), [])
    for snapshot in taken[:1]:
        tags = {tag["Key"]: tag["Value"] for tag in snapshot.get("Tags", [])}
        t.has(
            "tags",
            tags,
            **{
                "from": "policy",
                "team": "db",
                "aws:dlm:lifecycle-policy-id": id,
                "aws:dlm:lifecycle-schedule-name": "often",
            },
        )
    first = {snapshot["SnapshotId"] for snapshot in taken}
    t.world.advance(days=1)
    later = {snapshot["SnapshotId"] for snapshot in d.snapshots(target)}
    t.same("count is kept", (len(later), later & first), (2, set()))
    d.api.update_lifecycle_policy(PolicyId=id, State="DISABLED")
    t.world.advance(days=2)
    t.same("a disabled policy takes none", {snapshot["SnapshotId"] for snapshot in d.snapshots(target)}, later)
    d.api.delete_lifecycle_policy(PolicyId=id)
    t.world.advance(days=1)
    t.same("snapshots outlive their policy", {snapshot["SnapshotId"] for snapshot in d.snapshots(target)}, later)


@scenario
def ages(t):
    """API_RetainRule: by age; API_CreateRule: by cron."""
    d = Desk(t)
    volume = d.volume(env="prod")
    d.create(
        PolicyDetails=d.details(
            CreateRule={"CronExpression": "cron(0 3 * * ? *)"}, RetainRule={"Interval": 3, "IntervalUnit": "DAYS"}
        )
    )
    t.world.advance(days=10)
    t.true("three days of daily snapshots", 3 <= len(d.snapshots(volume)) <= 4)
