-- What each cleared month came to, and who answers for it.

CREATE TABLE clearings (
    region {INT} NOT NULL,
    month {INT} NOT NULL,
    certificate_hash {TEXT} NOT NULL,
    certificate {TEXT} NOT NULL,
    imported_at {INT} NOT NULL,
    PRIMARY KEY (region, month)
){TABLE};

CREATE TABLE month_figures (
    month {INT} NOT NULL,
    region {INT} NOT NULL,
    kind {TEXT} NOT NULL,
    name {TEXT} NOT NULL,
    value {INT} NOT NULL,
    PRIMARY KEY (month, region, kind, name)
){CLUSTERED};

CREATE TABLE month_sources (
    region {INT} NOT NULL,
    month {INT} NOT NULL,
    roster {TEXT} NOT NULL,
    name {TEXT} NOT NULL,
    department {TEXT} NOT NULL,
    is_monthly {INT} NOT NULL,
    has_arrived {INT} NOT NULL,
    row_count {INT} NOT NULL,
    PRIMARY KEY (region, month, roster)
){CLUSTERED};

CREATE TABLE sign_offs (
    region {INT} NOT NULL,
    month {INT} NOT NULL,
    serial {INT} NOT NULL,
    at {INT} NOT NULL,
    user_id {INT} NOT NULL,
    -- 'signed', or 'reopened' with its reason.
    kind {TEXT} NOT NULL,
    detail {TEXT} NOT NULL,
    PRIMARY KEY (region, month, serial)
){CLUSTERED};
