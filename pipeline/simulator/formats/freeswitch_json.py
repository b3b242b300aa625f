"""FreeSWITCH mod_json_cdr: channel variables, values URL-encoded, times as microsecond epochs (cdr-formats.md 2.7)."""

from collections.abc import Sequence
from urllib.parse import quote

import numpy as np

from pipeline.simulator.calls import CODECS, INBOUND
from pipeline.simulator.formats.damage import cut_object
from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.parties import texts
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, Whole, coded, identity
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, leg_id, misprinted_ms
from schemas.outcomes import RejectReason
from schemas.reference import Trunk

_DISPOSITIONS = ("recv_bye", "send_bye", "send_refuse")


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """One document a line, of the leg that came from the caller."""
    numbers = [quote(text, safe="") for text in texts(world.parties.table)]
    answered, answer, release = records.answered, records.answer * 1_000, records.release * 1_000
    inbound = records.direction == INBOUND
    end = release + misprinted_ms(records) * 1_000
    billed = np.where(answered, end - answer, 0)
    seconds = np.where(answered, end // 1_000_000 - answer // 1_000_000, 0)
    return [
        (
            f'{{"core-uuid":"{world.tag}-fs","switchname":"{sbc.node}","channel_data":{{"direction":"inbound"}},'
            '"variables":{"direction":"inbound"'
        ),
        *identity(f',"uuid":"{world.tag}-', records.call, "-0"),
        *identity(f'","call_uuid":"{world.tag}-', records.call, '%40sim"'),
        coded("", _identifiers(world.trunks), records.trunk * 2 + inbound),
        coded(',"sip_from_user":"', numbers, records.calling, '"'),
        coded(',"sip_req_user":"', numbers, records.called, '"'),
        coded(',"sip_P-Asserted-Identity":"', numbers, records.asserted, '"'),
        ',"start_uepoch":"',
        Whole(records.start * 1_000),
        '","answer_uepoch":"',
        Whole(np.where(answered, answer, 0)),
        '","end_uepoch":"',
        Whole(release),
        '","billsec":"',
        Whole(seconds),
        '","billusec":"',
        Whole(billed),
        coded('"', _endings(), records.outcome * 3 + records.releaser),
        coded("", _medias(), records.codec * 2 + records.secure),
        coded(',"rtp_audio_in_mos":"', [f"{score / 100:.2f}" for score in range(451)],
              np.where(records.mos > 0, records.mos, -1), '"'),
        '},"app_log":{},"callflow":[]}\n',
    ]  # fmt: skip


def _identifiers(trunks: Sequence[Trunk]) -> list[str]:
    """For each trunk what names it in a call out and in a call in."""
    return [text for trunk in trunks for text in (_of_caller(trunk), f',"accountcode":"{trunk.trunk_id}"')]


def _of_caller(trunk: Trunk) -> str:
    if trunk.source_hosts:
        return f',"sip_network_ip":"{trunk.source_hosts[0]}"'
    if trunk.user_name:
        return f',"sip_auth_username":"{quote(trunk.user_name, safe="")}"'
    return f',"accountcode":"{trunk.trunk_id}"'


def _endings() -> list[str]:
    return [
        f',"hangup_cause":"{outcome.freeswitch}"'
        + (f',"hangup_cause_q850":"{outcome.q850}"' if outcome.q850 else "")
        + f',"sip_term_status":"{outcome.sip_status}","sip_hangup_disposition":"{disposition}"'
        for outcome in OUTCOMES
        for disposition in _DISPOSITIONS
    ]


def _medias() -> list[str]:
    return [
        f',"read_codec":"{codec}","write_codec":"{codec}","sip_via_protocol":"{transport}"'
        + (',"rtp_secure_media_confirmed":"true"' if transport == "tls" else "")
        for codec in CODECS
        for transport in ("udp", "tls")
    ]


WRITER = Writer(
    name="freeswitch_json",
    suffix="json",
    parts=parts,
    native_key=lambda records, world, at: (leg_id(records, world, at),),
    cut_off=(cut_object, RejectReason.TRUNCATED),
    reshape=lambda line: line.replace(b'"uuid"', b'"unique_id"', 1),
    rename=lambda line: line.replace(b'"uuid"', b'"sip_from_display":"=M\xfcller()","uuid"', 1),
    prints_duration=True,
)
