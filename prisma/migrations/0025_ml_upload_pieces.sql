-- What is larger than a request may be comes in pieces: weights of a 2NN are 1.06 MB in base64, ciphertexts of them 8 MB.
CREATE TABLE ml.upload_piece (
  round_id uuid NOT NULL,
  participant text NOT NULL,
  upload text NOT NULL,
  place integer NOT NULL CHECK (place >= 0),
  bytes bytea NOT NULL,
  received_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (round_id, participant, upload, place)
);
COMMENT ON TABLE ml.upload_piece IS 'Pieces of updates and answers, by the hash of the whole; gone once they were put together or their round is over.';
