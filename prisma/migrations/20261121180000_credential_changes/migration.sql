-- Whoever keeps for a moment what a credential is worth is told when that changes, wherever it was changed. The channel
-- is that of server/kernel/live.ts, the topic `credentials`, the payload the id of the credential or of the person.
CREATE FUNCTION "osf_credential_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('osf_live', 'credentials ' || (to_jsonb(OLD) ->> TG_ARGV[0]));
  RETURN NULL;
END $$;

CREATE TRIGGER "ApiKey_changed" AFTER UPDATE ON "ApiKey" FOR EACH ROW
  WHEN (OLD."revokedAt" IS DISTINCT FROM NEW."revokedAt" OR OLD."expiresAt" IS DISTINCT FROM NEW."expiresAt"
    OR OLD."scopes" IS DISTINCT FROM NEW."scopes" OR OLD."workspaceId" IS DISTINCT FROM NEW."workspaceId")
  EXECUTE FUNCTION "osf_credential_changed"('id');
CREATE TRIGGER "ApiKey_deleted" AFTER DELETE ON "ApiKey" FOR EACH ROW EXECUTE FUNCTION "osf_credential_changed"('id');

CREATE TRIGGER "AuthSession_changed" AFTER UPDATE ON "AuthSession" FOR EACH ROW
  WHEN (OLD."revokedAt" IS DISTINCT FROM NEW."revokedAt" OR OLD."workspaceId" IS DISTINCT FROM NEW."workspaceId")
  EXECUTE FUNCTION "osf_credential_changed"('id');
CREATE TRIGGER "AuthSession_deleted" AFTER DELETE ON "AuthSession" FOR EACH ROW
  EXECUTE FUNCTION "osf_credential_changed"('id');

CREATE TRIGGER "Membership_changed" AFTER UPDATE ON "Membership" FOR EACH ROW
  WHEN (OLD."role" IS DISTINCT FROM NEW."role") EXECUTE FUNCTION "osf_credential_changed"('userId');
CREATE TRIGGER "Membership_deleted" AFTER DELETE ON "Membership" FOR EACH ROW
  EXECUTE FUNCTION "osf_credential_changed"('userId');

CREATE TRIGGER "User_changed" AFTER UPDATE ON "User" FOR EACH ROW
  WHEN (OLD."owner" IS DISTINCT FROM NEW."owner") EXECUTE FUNCTION "osf_credential_changed"('id');
CREATE TRIGGER "User_deleted" AFTER DELETE ON "User" FOR EACH ROW EXECUTE FUNCTION "osf_credential_changed"('id');
