-- Cases of the window and the village: where each stands, by when, and every version of it. What a family has told lies
-- sealed in the file.
CREATE TABLE cases (
    case_id {TEXT} NOT NULL PRIMARY KEY,
    kind {TEXT} NOT NULL,
    -- As it is called: 最低生活保障申请.
    name {TEXT} NOT NULL,
    applicant {TEXT} NOT NULL,
    household_id {TEXT} NOT NULL,
    region {INT} NOT NULL,
    township {INT} NOT NULL,
    county {INT} NOT NULL,
    state {TEXT} NOT NULL,
    state_name {TEXT} NOT NULL,
    is_open {INT} NOT NULL,
    -- The first moment that is too late, in milliseconds; far in the future where no clock runs or none is known.
    due {INT} NOT NULL,
    owner {INT},
    -- Hash of the code on the family's receipt.
    code_hash {BYTES} NOT NULL,
    began {INT} NOT NULL,
    sealed {BYTES} NOT NULL,
    key_id {INT} NOT NULL,
    version {INT} NOT NULL,
    updated_at {INT} NOT NULL
){TABLE};
CREATE INDEX cases_everywhere ON cases (is_open, due, case_id, region, kind, state);
CREATE INDEX cases_of_county ON cases (county, is_open, due, case_id, region, kind, state);
CREATE INDEX cases_of_township ON cases (township, is_open, due, case_id, region, kind, state);
CREATE INDEX cases_of_household ON cases (household_id);
CREATE UNIQUE INDEX cases_by_code ON cases (code_hash);

CREATE TABLE case_events (
    case_id {TEXT} NOT NULL,
    serial {INT} NOT NULL,
    at {INT} NOT NULL,
    actor {INT} NOT NULL,
    step {TEXT} NOT NULL,
    -- The case as this step left it.
    sealed {BYTES} NOT NULL,
    key_id {INT} NOT NULL,
    PRIMARY KEY (case_id, serial)
){CLUSTERED};

-- What somebody has begun to write down and not yet handed in; theirs alone.
CREATE TABLE case_drafts (
    draft_id {TEXT} NOT NULL PRIMARY KEY,
    owner {INT} NOT NULL,
    updated_at {INT} NOT NULL,
    sealed {BYTES} NOT NULL,
    key_id {INT} NOT NULL
){TABLE};
CREATE INDEX case_drafts_of_owner ON case_drafts (owner, updated_at);

INSERT INTO counters (name, value) VALUES ('case', 0);
