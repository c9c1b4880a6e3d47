-- What a row was made of when it was last taken over, as a keyed hash: the same again is not written again.

ALTER TABLE persons ADD COLUMN digest {BYTES};
ALTER TABLE leads ADD COLUMN digest {BYTES};
ALTER TABLE roster_files ADD COLUMN digest {BYTES};
