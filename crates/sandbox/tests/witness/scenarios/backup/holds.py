"""Legal holds."""

from ...trial import pages, scenario
from . import Desk, near


@scenario
def life(t):
    """API_CreateLegalHold, API_GetLegalHold, API_ListLegalHolds, API_ListRecoveryPointsByLegalHold,
    API_CancelLegalHold."""
    d = Desk(t)
    d.vault()
    point = d.backed_up(d.volume(), Lifecycle={"DeleteAfterDays": 3})["RecoveryPointArn"]
    choice = {"VaultNames": ["vault"]}
    before = t.world.now()
    made = d.api.create_legal_hold(
        Title="case", Description="of 2026", IdempotencyToken="t-1", RecoveryPointSelection=choice, Tags={"a": "b"}
    )
    hold = {"LegalHoldId": made["LegalHoldId"]}
    t.has(
        "CreateLegalHold",
        made,
        Title="case",
        Description="of 2026",
        LegalHoldArn=d.arn("legal-hold:", made["LegalHoldId"]),
        RecoveryPointSelection=choice,
    )
    t.true("CreateLegalHold.CreationDate is now", near(made.get("CreationDate"), before))
    t.true(f"a new hold is {made.get('Status')}", made.get("Status") in ("CREATING", "ACTIVE"))
    again = d.api.create_legal_hold(
        Title="case", Description="of 2026", IdempotencyToken="t-1", RecoveryPointSelection=choice
    )
    t.same("the same token", again["LegalHoldId"], made["LegalHoldId"])
    t.world.advance(minutes=10)
    got = d.api.get_legal_hold(**hold)
    t.has(
        "GetLegalHold", got, **hold, Title="case", Status="ACTIVE", RecoveryPointSelection=choice, CancellationDate=None
    )
    held = d.api.list_recovery_points_by_legal_hold(**hold)["RecoveryPoints"]
    t.same("recovery points", [p["RecoveryPointArn"] for p in held], [point])
    listed, _ = pages(d.api.list_legal_holds, "LegalHolds")
    t.same("holds", [(h["LegalHoldId"], h["Status"]) for h in listed], [(made["LegalHoldId"], "ACTIVE")])
    t.same("tags", d.api.list_tags(ResourceArn=made["LegalHoldArn"])["Tags"], {"a": "b"})
    named = {"BackupVaultName": "vault", "RecoveryPointArn": point}
    t.refused(
        "InvalidRequestException|InvalidResourceStateException|InvalidParameterValueException",
        d.api.delete_recovery_point,
        because="it is held",
        **named,
    )
    t.world.advance(days=5)
    t.true("a held point outlives its lifecycle", t.accepted(d.api.describe_recovery_point, **named))
    d.api.cancel_legal_hold(**hold, CancelDescription="closed")
    t.world.advance(minutes=10)
    cancelled = d.api.get_legal_hold(**hold)
    t.has("GetLegalHold", cancelled, Status="CANCELED", CancelDescription="closed")
    t.true("CancellationDate is set", cancelled.get("CancellationDate"))
    t.world.advance(days=1)
    t.refused("ResourceNotFoundException", d.api.describe_recovery_point, because="nothing holds it any more", **named)


@scenario
def refusals(t):
    """API_CreateLegalHold, API_CancelLegalHold: what must be given, what must be there."""
    d = Desk(t)
    missing = "MissingParameterValueException|InvalidParameterValueException"
    t.refused(missing, d.api.create_legal_hold, because="no title", Description="x")
    t.refused(missing, d.api.create_legal_hold, because="no description", Title="x")
    unknown = "11111111-2222-3333-4444-555555555555"
    t.refused("ResourceNotFoundException", d.api.get_legal_hold, LegalHoldId=unknown)
    t.refused("ResourceNotFoundException", d.api.cancel_legal_hold, LegalHoldId=unknown, CancelDescription="x")
