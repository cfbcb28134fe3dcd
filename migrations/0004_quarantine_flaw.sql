-- Why the body is not what was sent, or not all of it: too_large, not_utf8, cut_off. NULL where it is whole.
ALTER TABLE quarantine ADD COLUMN flaw TEXT;
UPDATE quarantine SET flaw = 'too_large' WHERE why = 'too_large';
UPDATE quarantine SET flaw = 'not_utf8' WHERE why = 'bad_body' AND detail = 'the body is not UTF-8';
UPDATE quarantine SET flaw = 'cut_off' WHERE why = 'bad_body' AND detail = 'the body was cut off before its end';
