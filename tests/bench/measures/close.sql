-- Rated calls of October 2026, one in two on an UNLIMITED trunk; ten destinations, prices of the example deck.
-- Grain: row_id.
WITH calls AS (
    SELECT
        range AS n,
        hash(range) AS h,
        (hash(range) % $accounts)::BIGINT AS account,
        (hash(range + 1000000007) % 600 + 1)::BIGINT AS seconds,
        (hash(range + 2000000011) % 10)::BIGINT AS place,
        make_timestamp(1790816400000000 + (hash(range + 3000000019) % 2600000)::BIGINT * 1000000) AS answered
    FROM range($first, $upto)
),
priced AS (
    SELECT
        *,
        account % 2 = 1 AND place < 6 AS is_included,
        ['0.0075', '0.0420', '0.0195', '0.0079', '0.0088', '0.0105', '0.0410', '0.0090', '0.0120', '0.0150'][place + 1]
            ::DECIMAL(18, 9) AS rate
    FROM calls
)
SELECT
    'cdr.raw.sbc1-0:' || n || ':0:0' AS row_id,
    0 AS version,
    'RATED' AS state,
    0 AS leg_partition,
    answered::DATE AS day,
    '2026-10' AS period,
    answered::TIMESTAMPTZ AS rated_at,
    'bench' AS book_hash,
    'sbc1' AS source,
    'native' AS source_format,
    'cdr.raw.sbc1-0' AS partition,
    n AS "offset",
    answered::TIMESTAMPTZ AS received_at,
    unhex(sha256(n::VARCHAR)) AS raw_sha256,
    md5(n::VARCHAR) AS cdr_id,
    md5((n + 1)::VARCHAR) AS call_group_id,
    'STOP' AS record_type,
    0 AS record_index,
    true AS is_billed_leg,
    []::VARCHAR[] AS flags,
    '+16125550100' AS calling,
    '+1608555' || lpad((n % 10000)::VARCHAR, 4, '0') AS called,
    'OUTBOUND' AS direction,
    answered::TIMESTAMPTZ AS started_at,
    answered::TIMESTAMPTZ AS answered_at,
    (answered + to_seconds(seconds))::TIMESTAMPTZ AS released_at,
    seconds * 1000 AS measured_ms,
    'a' || account AS account_id,
    't' || account AS trunk_id,
    CASE WHEN account % 2 = 1 THEN 'unlimited-us' ELSE 'metered-us' END AS plan_id,
    CASE WHEN account % 2 = 1 THEN 'UNLIMITED' ELSE 'METERED' END AS package,
    'p' || account AS service_address_id,
    1 AS service_address_version,
    CASE WHEN is_included THEN 'INCLUDED' ELSE 'METERED' END AS charge_kind,
    'US_LOWER48_DC' AS number_class,
    'US' AS destination_country,
    'us-outbound' AS deck_id,
    'row-' || place AS deck_row,
    'Destination ' || place AS destination,
    rate AS rate_per_minute,
    0::DECIMAL(18, 9) AS connection_fee,
    6 AS initial_seconds,
    6 AS next_seconds,
    'ceil' AS seconds_rounding,
    6 AS charge_decimals,
    'half_up' AS charge_rounding,
    seconds AS call_seconds,
    (seconds + 5) // 6 * 6 AS billed_seconds,
    CASE WHEN is_included THEN 0
         ELSE (((seconds + 5) // 6 * 6 * (rate * 1000000)::BIGINT + 30) // 60)::DECIMAL(18, 0) * 0.000001
    END::DECIMAL(18, 9) AS charge,
    'USD' AS currency,
    CASE WHEN place < 3 THEN 'INTRASTATE' WHEN place < 7 THEN 'INTERSTATE' ELSE 'INTERNATIONAL' END AS call_scope,
    'MN' AS taxing_state
FROM priced
