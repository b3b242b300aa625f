"""Closed lists of the tax rules: levels, kinds of tax, classes of charge, scopes of calls, marks on facts."""

from enum import StrEnum


class Level(StrEnum):
    """Who levies a tax. Members stand in the order in which taxes are computed and shown."""

    FED = "FED"
    STATE = "STATE"
    COUNTY = "COUNTY"
    CITY = "CITY"
    DISTRICT = "DISTRICT"


LOCAL_LEVELS = frozenset({Level.COUNTY, Level.CITY, Level.DISTRICT})


class TaxType(StrEnum):
    """What kind of tax or fee a rule levies; exemption certificates name these."""

    FUSF = "FUSF"
    FET = "FET"
    STATE_SALES = "STATE_SALES"
    LOCAL_SALES = "LOCAL_SALES"
    TELECOM_EXCISE = "TELECOM_EXCISE"
    CST_STATE = "CST_STATE"
    CST_GRT = "CST_GRT"
    CST_LOCAL = "CST_LOCAL"
    STATE_USF = "STATE_USF"
    E911_STATE = "E911_STATE"
    E911_LOCAL = "E911_LOCAL"
    I988 = "I988"
    PPP = "PPP"
    UUT = "UUT"
    REG_RECOVERY = "REG_RECOVERY"
    OTHER = "OTHER"
    """A tax of another engine, known by its label."""


class CallScope(StrEnum):
    """Class of a call, or of a charge for many calls, by the places of both ends."""

    INTRASTATE = "INTRASTATE"
    INTERSTATE = "INTERSTATE"
    INTERNATIONAL = "INTERNATIONAL"
    INDETERMINATE = "INDETERMINATE"
    BUNDLED = "BUNDLED"
    """A charge that is not per call, such as a channel fee: an allocation splits it."""


class ChargeClass(StrEnum):
    """What a charge is for."""

    CHANNEL_MRC = "CHANNEL_MRC"
    USAGE = "USAGE"
    OVERAGE = "OVERAGE"
    DID_MRC = "DID_MRC"
    TOLLFREE_USAGE = "TOLLFREE_USAGE"
    LOCAL_ONLY = "LOCAL_ONLY"
    SETUP = "SETUP"
    FEATURE = "FEATURE"
    EQUIPMENT = "EQUIPMENT"
    SURCHARGE = "SURCHARGE"


PER_CALL = frozenset({ChargeClass.USAGE, ChargeClass.OVERAGE, ChargeClass.TOLLFREE_USAGE})
"""Charges measured by individual calls: two of three decide who taxes them (SSUTA 314 A); all others follow the PPU."""


class Mark(StrEnum):
    """How well a fact is founded. A bill shows the mark of every rate that is not sourced."""

    SOURCED = "S"
    UNCONFIRMED = "M"
    ILLUSTRATIVE = "I"


class DateBasis(StrEnum):
    """Which day chooses the rates (PRODUCT.md, Tax 6)."""

    BILL_DATE = "BILL_DATE"
    SERVICE_DATE = "SERVICE_DATE"


class Rounding(StrEnum):
    """What is rounded once: the sum of a state's taxes, each tax of a jurisdiction, or down because of a cap."""

    AGGREGATE = "AGGREGATE"
    PER_JURISDICTION = "PER_JURISDICTION"
    CAPPED = "CAPPED"
