"""Deep machines of chapter 13: belief networks, whose lower layers only pass down, and deep Boltzmann machines."""

from dlbook.dbm import DBM, fit_dbm
from dlbook.dbn import DBN, fit_dbn

__all__ = ["DBM", "DBN", "fit_dbm", "fit_dbn"]
