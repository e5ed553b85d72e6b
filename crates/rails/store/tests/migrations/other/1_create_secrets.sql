CREATE TABLE other.secrets (
    content text NOT NULL
);
