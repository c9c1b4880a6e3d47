-- People and households as the latest clearing knew them; leads with their history; which row speaks of whom.
-- Sealed columns hold an algorithm, a key's number, a nonce and the ciphertext; *_index columns are keyed hashes.

CREATE TABLE persons (
    person_no {INT} NOT NULL PRIMARY KEY,
    person_id {TEXT} NOT NULL UNIQUE,
    household_id {TEXT} NOT NULL,
    region {INT} NOT NULL,
    name {TEXT} NOT NULL,
    relation {TEXT} NOT NULL,
    sex {TEXT} NOT NULL,
    birth {INT},
    bucket {TEXT} NOT NULL,
    programmes {TEXT} NOT NULL,
    -- Month (counted from year 0) of the clearing that last had this person.
    month {INT} NOT NULL,
    -- Id number, telephone, account and address, and why the person is in this bucket.
    sealed {BYTES} NOT NULL,
    key_id {INT} NOT NULL,
    id_index {BYTES},
    phone_index {BYTES},
    account_index {BYTES}
){TABLE};
CREATE INDEX persons_by_place ON persons (region, person_id);
CREATE INDEX persons_by_name ON persons (name, region, person_id);
CREATE INDEX persons_by_household ON persons (household_id);
CREATE INDEX persons_by_id_number ON persons (id_index);
CREATE INDEX persons_by_phone ON persons (phone_index);
CREATE INDEX persons_by_account ON persons (account_index);

CREATE TABLE leads (
    lead_id {TEXT} NOT NULL PRIMARY KEY,
    check_name {TEXT} NOT NULL,
    severity {TEXT} NOT NULL,
    subject_kind {TEXT} NOT NULL,
    person_id {TEXT} NOT NULL,
    name {TEXT} NOT NULL,
    household_id {TEXT} NOT NULL,
    region {INT} NOT NULL,
    township {INT} NOT NULL,
    county {INT} NOT NULL,
    opened {INT} NOT NULL,
    month {INT} NOT NULL,
    grade {TEXT} NOT NULL,
    stake_fen {INT},
    verify {TEXT} NOT NULL,
    closes {TEXT} NOT NULL,
    article {TEXT} NOT NULL,
    -- The sentence and the rows it rests on.
    sealed {BYTES} NOT NULL,
    state {TEXT} NOT NULL,
    is_open {INT} NOT NULL,
    -- Days since 1970-01-01; far in the future where no day is set.
    due {INT} NOT NULL,
    assignee {INT},
    -- What the state carries: who reported what, and on what evidence.
    state_sealed {BYTES} NOT NULL,
    key_id {INT} NOT NULL,
    version {INT} NOT NULL,
    updated_at {INT} NOT NULL
){TABLE};
-- Pages go on by (due, lead_id). What follows in each index are the columns that people filter by, so that rows that do
-- not fit are passed over without being read.
CREATE INDEX leads_everywhere ON leads (is_open, due, lead_id, region, state, severity, check_name, assignee);
CREATE INDEX leads_of_county ON leads (county, is_open, due, lead_id, region, state, severity, check_name, assignee);
CREATE INDEX leads_of_township ON leads (township, is_open, due, lead_id, region, state, severity, check_name, assignee);
CREATE INDEX leads_of_person ON leads (person_id);
CREATE INDEX leads_of_household ON leads (household_id);
CREATE INDEX leads_counted ON leads (county, township, check_name, state, due, opened, month, region);

CREATE TABLE lead_events (
    lead_id {TEXT} NOT NULL,
    serial {INT} NOT NULL,
    at {INT} NOT NULL,
    actor {INT} NOT NULL,
    step {TEXT} NOT NULL,
    month {TEXT} NOT NULL,
    state {TEXT} NOT NULL,
    state_sealed {BYTES} NOT NULL,
    key_id {INT} NOT NULL,
    PRIMARY KEY (lead_id, serial)
){CLUSTERED};

CREATE TABLE roster_files (
    source_no {INT} NOT NULL PRIMARY KEY,
    roster {TEXT} NOT NULL,
    month {TEXT} NOT NULL,
    file {TEXT} NOT NULL,
    file_key {TEXT} NOT NULL,
    UNIQUE (roster, month, file_key)
){TABLE};

CREATE TABLE links (
    source_no {INT} NOT NULL REFERENCES roster_files (source_no),
    row_no {INT} NOT NULL,
    person_id {TEXT} NOT NULL,
    class {TEXT} NOT NULL,
    grade {TEXT} NOT NULL,
    -- Probability in millionths.
    likelihood {INT} NOT NULL,
    PRIMARY KEY (source_no, row_no)
){CLUSTERED};
CREATE INDEX links_of_person ON links (person_id);
