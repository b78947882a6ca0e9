"""The agencies tests know: the ones of the table a system is put up with."""

from contracts.agencies import read_agencies
from deploy.agencies import AGENCIES_FILE as AGENCIES_FILE

AGENCIES = read_agencies(AGENCIES_FILE)
