-- Pairs of records that report the same leg of the same call under different keys (mediation.md R12).
-- Grain: one row for each pair (later, earlier) of positions; `records` holds earlier records first.
-- Two nodes or feeds: same role, setup less than two seconds apart.
-- An attempt that only one of them numbers: told from the other attempts of the hunt by whether it was answered.
-- One node, two exports: the same leg, and no two sequence numbers that differ.
SELECT later.position AS later, earlier.position AS earlier
FROM records AS later
JOIN records AS earlier
    ON  later."group" = earlier."group"
    AND later.position > earlier.position
WHERE later.position >= $first_arrival
    AND later.is_billed_leg = earlier.is_billed_leg
    AND coalesce(later.route_attempt = earlier.route_attempt, later.is_answered = earlier.is_answered)
    AND coalesce(later.direction = earlier.direction, true)
    AND abs(epoch_us(later.started_at) - epoch_us(earlier.started_at)) < 2_000_000
    AND (
        later.node <> earlier.node
        OR (later.record_type = 'STOP'
            AND later.leg_id = earlier.leg_id
            AND coalesce(later.record_seq = earlier.record_seq, true))
    )
ORDER BY later, earlier
