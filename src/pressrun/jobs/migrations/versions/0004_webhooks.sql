-- The tables belong to the user who migrates, and without this their own policies could hide rows from the statements
-- below. `policies.sql` sets it again in the same transaction.
ALTER TABLE batches NO FORCE ROW LEVEL SECURITY;
ALTER TABLE webhook_outbox NO FORCE ROW LEVEL SECURITY;

-- NULL for a batch that announces nothing: without a callback_url, or created by an earlier version, which warned its
-- owner that the callback_url is not called. `webhook_percent` is the last announced progress.
ALTER TABLE batches ADD COLUMN webhook_events text[], ADD COLUMN webhook_percent smallint NOT NULL DEFAULT 0;

-- What earlier versions stored was never sent, and is not sent now.
DELETE FROM webhook_outbox;
ALTER TABLE webhook_outbox
    ADD COLUMN event_id text COLLATE "C" NOT NULL UNIQUE DEFAULT 'msg_' || replace(gen_random_uuid()::text, '-', ''),
    ADD COLUMN event text NOT NULL,
    ADD COLUMN state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed', 'disabled')),
    -- A failed attempt after this time is the last one.
    ADD COLUMN expires_at timestamptz NOT NULL DEFAULT now() + interval '3 days',
    -- Rises with each claim. A sender whose claim is not the latest cannot write any more.
    ADD COLUMN claims integer NOT NULL DEFAULT 0,
    ADD COLUMN leased boolean NOT NULL DEFAULT false,
    ADD COLUMN attempted_at timestamptz,
    ADD COLUMN last_status smallint,
    ADD COLUMN last_error text;
DROP INDEX webhook_outbox_due;
CREATE INDEX webhook_outbox_pending ON webhook_outbox (batch_id, id) WHERE state = 'pending';
CREATE INDEX webhook_outbox_owner ON webhook_outbox (owner, id);

-- The previous secret also signs for a day after a rotation.
CREATE TABLE webhook_secrets (
    owner text PRIMARY KEY,
    secret text NOT NULL,
    previous text,
    rotated_at timestamptz
);

-- URLs that answered 410.
CREATE TABLE webhook_disabled (
    owner text NOT NULL,
    url text NOT NULL,
    disabled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner, url)
);
