-- Programs that act for somebody: a token is that person and nothing more. Only its hash is here.
CREATE TABLE api_tokens (
    token_id {INT} NOT NULL PRIMARY KEY,
    user_id {INT} NOT NULL REFERENCES users (user_id),
    -- As its owner calls it.
    name {TEXT} NOT NULL,
    token_hash {BYTES} NOT NULL,
    created_at {INT} NOT NULL,
    expires_at {INT} NOT NULL,
    seen_at {INT},
    revoked_at {INT},
    revoked_by {INT}
){TABLE};
CREATE UNIQUE INDEX api_tokens_by_hash ON api_tokens (token_hash);
CREATE INDEX api_tokens_of_user ON api_tokens (user_id, token_id);
INSERT INTO counters (name, value) VALUES ('api-token', 0);

-- What a request with an idempotency key was answered, so that the same request is done once. Kept for a day.
CREATE TABLE api_answers (
    -- Hash of the person and the key.
    answer_id {TEXT} NOT NULL PRIMARY KEY,
    at {INT} NOT NULL,
    request_hash {BYTES} NOT NULL,
    sealed {BYTES} NOT NULL,
    key_id {INT} NOT NULL
){TABLE};
CREATE INDEX api_answers_by_age ON api_answers (at);
