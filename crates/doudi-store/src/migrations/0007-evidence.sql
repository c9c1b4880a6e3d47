-- Photos and papers of leads. A file is kept once, named by what is in it, in sealed pieces; whose it is stands beside.
CREATE TABLE evidence_files (
    sha256 {TEXT} NOT NULL PRIMARY KEY,
    kind {TEXT} NOT NULL,
    size {INT} NOT NULL,
    pieces {INT} NOT NULL
){CLUSTERED};

CREATE TABLE evidence_pieces (
    sha256 {TEXT} NOT NULL REFERENCES evidence_files (sha256),
    number {INT} NOT NULL,
    sealed {BYTES} NOT NULL,
    key_id {INT} NOT NULL,
    PRIMARY KEY (sha256, number)
){TABLE};

CREATE TABLE lead_evidence (
    lead_id {TEXT} NOT NULL,
    serial {INT} NOT NULL,
    sha256 {TEXT} NOT NULL REFERENCES evidence_files (sha256),
    at {INT} NOT NULL,
    actor {INT} NOT NULL,
    -- As the file was called.
    sealed {BYTES} NOT NULL,
    key_id {INT} NOT NULL,
    PRIMARY KEY (lead_id, serial)
){CLUSTERED};
