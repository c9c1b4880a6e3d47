-- Settings of the store itself; who uses it; what they did.

CREATE TABLE settings (
    name {TEXT} NOT NULL PRIMARY KEY,
    value {TEXT} NOT NULL
){CLUSTERED};

CREATE TABLE counters (
    name {TEXT} NOT NULL PRIMARY KEY,
    value {INT} NOT NULL
){CLUSTERED};
INSERT INTO counters (name, value) VALUES ('user', 0), ('person', 0), ('source', 0);

CREATE TABLE users (
    user_id {INT} NOT NULL PRIMARY KEY,
    login {TEXT} NOT NULL UNIQUE,
    name {TEXT} NOT NULL,
    -- Argon2id in the PHC form, with its parameters.
    password_hash {TEXT} NOT NULL,
    password_at {INT} NOT NULL,
    must_change {INT} NOT NULL,
    disabled_at {INT},
    created_at {INT} NOT NULL,
    version {INT} NOT NULL DEFAULT 1
){TABLE};

CREATE TABLE user_grants (
    user_id {INT} NOT NULL REFERENCES users (user_id),
    role {TEXT} NOT NULL,
    region {INT} NOT NULL,
    PRIMARY KEY (user_id, role, region)
){CLUSTERED};

-- The token itself is nowhere: only its hash.
CREATE TABLE sessions (
    token_hash {BYTES} NOT NULL PRIMARY KEY,
    user_id {INT} NOT NULL REFERENCES users (user_id),
    created_at {INT} NOT NULL,
    seen_at {INT} NOT NULL,
    ip {TEXT} NOT NULL
){CLUSTERED};
CREATE INDEX sessions_of_user ON sessions (user_id);

-- Wrong passwords by what was typed as a login, known here or not, so that nothing tells the two apart. Hashed: people
-- type passwords into the wrong field.
CREATE TABLE login_attempts (
    login_hash {BYTES} NOT NULL PRIMARY KEY,
    failures {INT} NOT NULL,
    last_at {INT} NOT NULL
){CLUSTERED};

CREATE TABLE audit (
    seq {INT} NOT NULL PRIMARY KEY,
    at {INT} NOT NULL,
    actor {INT} NOT NULL,
    actor_name {TEXT} NOT NULL,
    action {TEXT} NOT NULL,
    object_kind {TEXT} NOT NULL,
    object_id {TEXT} NOT NULL,
    region {INT} NOT NULL,
    purpose {TEXT} NOT NULL,
    ip {TEXT} NOT NULL,
    -- Numbers of the persons whose records were seen, separated by semicolons.
    subjects {TEXT} NOT NULL,
    -- What was asked for, and of changes what was before and after; no name, no number of anybody.
    detail {TEXT} NOT NULL,
    key_id {INT} NOT NULL,
    hash {BYTES} NOT NULL
){TABLE};
CREATE INDEX audit_of_actor ON audit (actor, seq);
CREATE INDEX audit_of_object ON audit (object_kind, object_id, seq);

-- Who looked at this person: made from audit.subjects.
CREATE TABLE audit_subjects (
    person_id {TEXT} NOT NULL,
    seq {INT} NOT NULL REFERENCES audit (seq),
    PRIMARY KEY (person_id, seq)
){CLUSTERED};

CREATE TABLE audit_head (
    id {INT} NOT NULL PRIMARY KEY,
    seq {INT} NOT NULL,
    hash {BYTES} NOT NULL
){TABLE};
