"""What an export looks like, and the client.yaml that reads it."""

from retention_lib.proposal.assigned import arguments, assigned
from retention_lib.proposal.proposing import Proposed, propose, write
from retention_lib.proposal.settling import Ask, OpenError

__all__ = ["Ask", "OpenError", "Proposed", "arguments", "assigned", "propose", "write"]
