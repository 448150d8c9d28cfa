-- Webhooks: what is stored in the outbox, and how senders claim it. An event is stored in the transaction that causes
-- it, while the row of its batch is locked. So the events of a batch have ascending ids and become visible in this
-- order.

CREATE OR REPLACE FUNCTION store_webhook(b batches, _event text, _more jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO webhook_outbox (batch_id, owner, url, event, state, body)
    SELECT b.id, b.owner, b.request->>'callback_url', _event,
        CASE WHEN EXISTS (SELECT 1 FROM webhook_disabled d
                          WHERE d.owner = b.owner AND d.url = b.request->>'callback_url')
        THEN 'disabled' ELSE 'pending' END,
        jsonb_build_object('event', _event, 'job_id', b.id, 'title', b.title, 'state', b.state,
            'percent_complete', round(b.percent::numeric, 1), 'items_total', b.total, 'items_completed', b.completed,
            'items_failed', b.failed, 'items_pending', b.waiting + b.active, 'items_skipped', b.skipped,
            'items_canceled', b.canceled, 'cost', b.cost, 'created_at', b.created_at, 'finished_at', b.finished_at)
        || _more
    WHERE _event = ANY (b.webhook_events)
$$;

-- Announces the end of a batch.
CREATE OR REPLACE FUNCTION tell_outside(b batches) RETURNS void LANGUAGE sql AS $$
    SELECT store_webhook(b, 'bulk_job.' || b.state, '{}')
$$;

-- Announces the progress of a batch if it reached the next ten percent since the last time.
CREATE OR REPLACE FUNCTION announce_progress(_batch text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    b batches;
BEGIN
    UPDATE batches SET webhook_percent = floor(percent / 10) * 10
    WHERE id = _batch AND webhook_events IS NOT NULL AND state IN ('pending', 'running', 'pausing', 'paused')
        AND percent < 100 AND percent >= webhook_percent + 10
    RETURNING * INTO b;
    IF FOUND THEN
        PERFORM store_webhook(b, 'bulk_job.progress', '{}');
    END IF;
END $$;

-- Announces that an item has ended. A file:// address means nothing to a receiver, so it is left out.
CREATE OR REPLACE FUNCTION announce_item(_job bigint) RETURNS void LANGUAGE sql AS $$
    SELECT store_webhook(b, 'item.' || j.state, jsonb_build_object('item', jsonb_build_object(
        'id', j.id, 'row', j.position, 'title', j.title, 'state', j.state, 'attempts', j.attempt,
        'output_url', CASE WHEN j.output_url NOT LIKE 'file:%' THEN j.output_url END, 'cost', j.cost,
        'error', j.error, 'started_at', j.started_at, 'finished_at', j.finished_at)))
    FROM jobs j JOIN batches b ON b.id = j.batch_id
    WHERE j.id = _job AND j.state IN ('completed', 'failed')
$$;

-- Returns the secrets that sign the webhooks of an owner, the newest first. The first call creates one, from the
-- random numbers that PostgreSQL uses for UUIDs.
CREATE OR REPLACE FUNCTION new_webhook_secret() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT 'whsec_' || encode(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
        'base64')
$$;

CREATE OR REPLACE FUNCTION webhook_secrets_of(_owner text, _now timestamptz) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    s webhook_secrets;
BEGIN
    SELECT * INTO s FROM webhook_secrets WHERE owner = _owner;
    IF NOT FOUND THEN
        INSERT INTO webhook_secrets (owner, secret) VALUES (_owner, new_webhook_secret()) ON CONFLICT DO NOTHING;
        SELECT * INTO s FROM webhook_secrets WHERE owner = _owner;
    END IF;
    IF s.previous IS NOT NULL AND s.rotated_at > _now - interval '1 day' THEN
        RETURN ARRAY[s.secret, s.previous];
    END IF;
    RETURN ARRAY[s.secret];
END $$;

CREATE OR REPLACE FUNCTION rotate_webhook_secret(_owner text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    _secret text;
BEGIN
    PERFORM webhook_secrets_of(_owner, now());
    UPDATE webhook_secrets SET previous = secret, secret = new_webhook_secret(), rotated_at = now()
    WHERE owner = _owner RETURNING secret INTO _secret;
    RETURN _secret;
END $$;

-- Claims webhooks that are due, for `_lease` seconds: of each batch only the oldest pending one, which keeps them in
-- order, and of each owner at most `_per_owner` at once, so that one slow receiver does not occupy all senders. The
-- recursive query visits one row per batch, however many events wait behind it.
CREATE OR REPLACE FUNCTION claim_webhooks(_now timestamptz, _limit integer, _per_owner integer, _lease double precision)
RETURNS TABLE (id bigint, event_id text, claim integer, url text, body jsonb, tries integer, expires_at timestamptz,
    secrets text[]) LANGUAGE sql AS $$
    WITH RECURSIVE heads AS (
        (SELECT o.batch_id, o.id FROM webhook_outbox o WHERE o.state = 'pending' ORDER BY o.batch_id, o.id LIMIT 1)
        UNION ALL
        SELECT n.batch_id, n.id FROM heads h, LATERAL (
            SELECT o.batch_id, o.id FROM webhook_outbox o WHERE o.state = 'pending' AND o.batch_id > h.batch_id
            ORDER BY o.batch_id, o.id LIMIT 1) n
    ), ranked AS (
        SELECT o.id, row_number() OVER (
            PARTITION BY o.owner ORDER BY o.leased AND o.not_before > _now DESC, o.not_before, o.id) AS rank
        FROM webhook_outbox o JOIN heads h ON h.id = o.id WHERE o.leased OR o.not_before <= _now
    ), due AS (
        SELECT o.id FROM webhook_outbox o JOIN ranked r ON r.id = o.id
        WHERE o.state = 'pending' AND o.not_before <= _now AND r.rank <= _per_owner
        ORDER BY o.not_before, o.id LIMIT _limit FOR UPDATE OF o SKIP LOCKED
    ), claimed AS (
        UPDATE webhook_outbox o SET leased = true, claims = o.claims + 1,
            not_before = _now + make_interval(secs => _lease)
        FROM due WHERE o.id = due.id RETURNING o.*
    )
    SELECT c.id, c.event_id, c.claims, c.url, c.body, c.tries, c.expires_at, webhook_secrets_of(c.owner, _now)
    FROM claimed c ORDER BY c.id
$$;

-- Stores the result of an attempt under its claim. 'disabled' also stops everything else that waits for this URL.
-- After 'failed', what waited behind it expires: each gets one attempt, and not three days of its own.
CREATE OR REPLACE FUNCTION end_webhook_attempt(
    _id bigint, _claim integer, _state text, _now timestamptz, _not_before timestamptz, _status integer, _error text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    o webhook_outbox;
BEGIN
    UPDATE webhook_outbox SET state = _state, leased = false, tries = tries + 1, attempted_at = _now,
        not_before = coalesce(_not_before, not_before), last_status = _status, last_error = _error,
        sent_at = CASE WHEN _state = 'delivered' THEN _now END
    WHERE id = _id AND claims = _claim AND state = 'pending' RETURNING * INTO o;
    IF FOUND AND _state = 'disabled' THEN
        INSERT INTO webhook_disabled (owner, url, disabled_at) VALUES (o.owner, o.url, _now) ON CONFLICT DO NOTHING;
        UPDATE webhook_outbox SET state = 'disabled', leased = false
        WHERE owner = o.owner AND url = o.url AND state = 'pending';
    ELSIF FOUND AND _state = 'failed' THEN
        UPDATE webhook_outbox SET expires_at = least(expires_at, _now)
        WHERE batch_id = o.batch_id AND state = 'pending' AND id > o.id;
    END IF;
END $$;
