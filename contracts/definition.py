"""What `stats` says about definitions (统计口径), and the commands that move them.

draft → confirmed by the department → approved by a senior analyst → in force → retired; a version is named by the
hash of its text, and its text never changes.
"""

from typing import Annotated, Literal

from pydantic import Field

from contracts.envelope import Command, Event, Key

Source = Annotated[str, Field(min_length=1, max_length=100_000)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Note = Annotated[str, Field(max_length=2_000)]
Reason = Annotated[str, Field(min_length=2, max_length=2_000)]
DefinitionId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{2,60}$")]


class DefinitionEvent(Event):
    """`report` is the definition's id, `hash` its version, `note` why."""

    report: DefinitionId
    hash: Hash
    title: Annotated[str, Field(max_length=200)] = ""
    note: Note = ""


class DefinitionDrafted(DefinitionEvent):
    """`source` is the YAML, `sql` the query; a text that was there before keeps its hash."""

    type: Literal["definition.drafted"] = "definition.drafted"
    source: Source
    sql: Source


class DefinitionConfirmed(DefinitionEvent):
    """The department that asked says: this is what we mean (科室确认)."""

    type: Literal["definition.confirmed"] = "definition.confirmed"
    department: Key


class DefinitionApproved(DefinitionEvent):
    """A senior analyst, who is neither the drafter nor the one who confirmed, says: this counts it (高级分析师审批)."""

    type: Literal["definition.approved"] = "definition.approved"


class DefinitionReturned(DefinitionEvent):
    """Sent back to its drafter (退回)."""

    type: Literal["definition.returned"] = "definition.returned"


class DefinitionEnforced(DefinitionEvent):
    """In force from now on (生效); `before` is the version that was until now, empty for the first."""

    type: Literal["definition.enforced"] = "definition.enforced"
    before: Annotated[str, Field(max_length=64)] = ""


class DefinitionRetired(DefinitionEvent):
    """No run may be requested by it any more (停用)."""

    type: Literal["definition.retired"] = "definition.retired"


class DefinitionCommand(Command):
    report: DefinitionId


class DraftDefinition(DefinitionCommand):
    type: Literal["definition.command.draft"] = "definition.command.draft"
    source: Source
    sql: Source
    note: Note = ""


class VersionCommand(DefinitionCommand):
    hash: Hash


class ConfirmDefinition(VersionCommand):
    type: Literal["definition.command.confirm"] = "definition.command.confirm"
    department: Key
    note: Note = ""


class ApproveDefinition(VersionCommand):
    type: Literal["definition.command.approve"] = "definition.command.approve"
    note: Note = ""


class ReturnDefinition(VersionCommand):
    type: Literal["definition.command.return"] = "definition.command.return"
    note: Reason


class EnforceDefinition(VersionCommand):
    type: Literal["definition.command.enforce"] = "definition.command.enforce"
    note: Note = ""


class RetireDefinition(VersionCommand):
    type: Literal["definition.command.retire"] = "definition.command.retire"
    note: Reason
