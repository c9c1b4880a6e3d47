-- A photo that was brought by mistake: who took it back and when; why stands with its name, sealed.
ALTER TABLE lead_evidence ADD COLUMN withdrawn_at {INT};
ALTER TABLE lead_evidence ADD COLUMN withdrawn_by {INT};
