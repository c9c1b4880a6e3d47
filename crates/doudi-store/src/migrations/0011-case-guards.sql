-- A paper of a case belongs to a step: which one, and how many steps had been taken when it was brought. Empty for leads,
-- and where nobody has said.
ALTER TABLE lead_evidence ADD COLUMN step {TEXT};
ALTER TABLE lead_evidence ADD COLUMN after_steps {INT};

-- Of what a household has one open case at a time: kind, household, member. Empty where it is closed, or may have several.
-- Where there are doubles already, the oldest has it.
ALTER TABLE cases ADD COLUMN running {TEXT};
UPDATE cases SET running = kind || '|' || household_id || '|'
WHERE is_open = 1 AND household_id <> '' AND case_id = (
    SELECT MIN(others.case_id) FROM cases others
    WHERE others.kind = cases.kind AND others.household_id = cases.household_id AND others.is_open = 1
);
CREATE UNIQUE INDEX cases_running ON cases (running);
