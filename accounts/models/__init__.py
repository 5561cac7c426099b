"""Tables of the accounts stage."""

from accounts.models.clusters import (
    CLUSTER_STATES,
    Cluster,
    ClusterAlias,
    ClusterCore,
    ClusterCut,
    ClusterHub,
    ClusterRollup,
    Membership,
    MembershipBasis,
    Suggestion,
    Verdict,
)
from accounts.models.directory import ACCOUNT_STATES, Account, Organization, Principal
from accounts.models.runs import LinkMethod, LinkRun, ReferenceSnapshot
from accounts.models.sightings import DailyCount, Identifier, Sighting

__all__ = [
    "ACCOUNT_STATES",
    "CLUSTER_STATES",
    "Account",
    "Cluster",
    "ClusterAlias",
    "ClusterCore",
    "ClusterCut",
    "ClusterHub",
    "ClusterRollup",
    "DailyCount",
    "Identifier",
    "LinkMethod",
    "LinkRun",
    "Membership",
    "MembershipBasis",
    "Organization",
    "Principal",
    "ReferenceSnapshot",
    "Sighting",
    "Suggestion",
    "Verdict",
]
