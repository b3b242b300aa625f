-- Codecs, DTMF, fax, transport and encryption that the calls of each trunk used. They never change a price.
-- Grain: period, account_id, trunk_id, codec_in, codec_out, dtmf, fax, transport, srtp.
-- answered: answered billed legs
-- call_seconds: whole seconds before increments
-- t38_pages: fax pages
-- mos_calls: answered billed legs with a mean opinion score
-- mos_x100: mean of those scores times 100, rounded down
SELECT
    period,
    account_id,
    trunk_id,
    codec_in,
    codec_out,
    dtmf,
    fax,
    transport,
    srtp,
    count(*) AS answered,
    coalesce(sum(call_seconds), 0)::BIGINT AS call_seconds,
    coalesce(sum(t38_pages), 0)::BIGINT AS t38_pages,
    count(mos_x100) AS mos_calls,
    sum(mos_x100)::BIGINT // count(mos_x100) AS mos_x100
FROM usage
WHERE is_billed_leg AND answered_at IS NOT NULL
GROUP BY period, account_id, trunk_id, codec_in, codec_out, dtmf, fax, transport, srtp
ORDER BY ALL
