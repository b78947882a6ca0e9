"""The agencies tests know: the ones of the table a system is put up with."""

from contracts.agencies import Agencies
from deploy.agencies import first_agencies

AGENCIES = Agencies(first_agencies().values())
