-- What each cleared month knew of every household, the policies that it went by, and the lists of groups of people.

-- The texts of policies, compressed. There is no person in them.
CREATE TABLE policy_sets (
    hash {TEXT} NOT NULL PRIMARY KEY,
    content {BYTES} NOT NULL
){TABLE};

CREATE TABLE month_registries (
    region {INT} NOT NULL,
    month {INT} NOT NULL,
    policies_hash {TEXT} NOT NULL,
    -- Programmes, what payments are called, words for a family's sheet: JSON.
    registry {TEXT} NOT NULL,
    PRIMARY KEY (region, month)
){CLUSTERED};

CREATE TABLE month_checks (
    region {INT} NOT NULL,
    month {INT} NOT NULL,
    serial {INT} NOT NULL,
    check_name {TEXT} NOT NULL,
    severity {TEXT} NOT NULL,
    kind {TEXT} NOT NULL,
    article {TEXT} NOT NULL,
    -- Names of rosters that had not arrived, separated by line feeds.
    waits_for {TEXT} NOT NULL,
    PRIMARY KEY (region, month, serial)
){CLUSTERED};

CREATE TABLE households (
    household_id {TEXT} NOT NULL PRIMARY KEY,
    number {TEXT} NOT NULL,
    region {INT} NOT NULL,
    head_id {TEXT} NOT NULL,
    head_name {TEXT} NOT NULL,
    members {INT} NOT NULL,
    month {INT} NOT NULL
){TABLE};
CREATE INDEX households_by_place ON households (region, household_id);
CREATE INDEX households_by_name ON households (head_name, region, household_id);
CREATE INDEX households_by_number ON households (number);

CREATE TABLE household_months (
    household_id {TEXT} NOT NULL,
    month {INT} NOT NULL,
    region {INT} NOT NULL,
    -- Members, facts and what the law answered, compressed and sealed.
    sealed {BYTES} NOT NULL,
    key_id {INT} NOT NULL,
    PRIMARY KEY (household_id, month)
){TABLE};

CREATE TABLE group_lists (
    list_no {INT} NOT NULL PRIMARY KEY,
    region {INT} NOT NULL,
    month {INT} NOT NULL,
    serial {INT} NOT NULL,
    name {TEXT} NOT NULL,
    note {TEXT} NOT NULL,
    -- Names and kinds of the columns: JSON.
    columns {TEXT} NOT NULL,
    UNIQUE (region, month, name)
){TABLE};
INSERT INTO counters (name, value) VALUES ('list', 0);

-- Cells are whole numbers (fen, days, months, which label): a list can be sorted and summed up without being opened.
CREATE TABLE group_rows (
    list_no {INT} NOT NULL,
    region {INT} NOT NULL,
    person_id {TEXT} NOT NULL,
    household_id {TEXT} NOT NULL,
    name {TEXT} NOT NULL,
    c1 {INT}, c2 {INT}, c3 {INT}, c4 {INT}, c5 {INT}, c6 {INT}, c7 {INT}, c8 {INT},
    PRIMARY KEY (list_no, region, person_id)
){CLUSTERED};

-- By village, so that no page has to add up a hundred thousand rows.
CREATE TABLE group_sums (
    list_no {INT} NOT NULL,
    region {INT} NOT NULL,
    row_count {INT} NOT NULL,
    s1 {INT} NOT NULL, s2 {INT} NOT NULL, s3 {INT} NOT NULL, s4 {INT} NOT NULL,
    s5 {INT} NOT NULL, s6 {INT} NOT NULL, s7 {INT} NOT NULL, s8 {INT} NOT NULL,
    PRIMARY KEY (list_no, region)
){CLUSTERED};
