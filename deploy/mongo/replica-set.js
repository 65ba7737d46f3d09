// Makes the replica set of one member, and the user that the processes share. Run by mongosh at
// every `docker compose up`; what stands already stays, but the password becomes that of the file.

const fs = require("fs");

const MEMBER = "mongo:27017";
// linkage_access has API keys and personal keys: only the processes and the root user read it.
const DATABASES = [
  "approval_events",
  "supervision_push",
  "credit",
  "linkage_reference",
  "linkage_access",
  "linkage_operations",
  "linkage_books",
];
const PATIENCE_MS = 60_000;
// MongoDB's own code for a member that no replica set has been made of.
const NOT_YET_INITIALIZED = 94;

const secret = (name) => fs.readFileSync(`/run/secrets/${name}`, "utf8").trim();

const root = encodeURIComponent(secret("mongo-root-password"));
const admin = connect(`mongodb://root:${root}@${MEMBER}/admin?directConnection=true`);

try {
  admin.adminCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.code !== NOT_YET_INITIALIZED) throw error;
  const members = [{ _id: 0, host: MEMBER }];
  admin.adminCommand({ replSetInitiate: { _id: "linkage", members } });
  print("replica set made");
}

const deadline = Date.now() + PATIENCE_MS;
while (!admin.hello().isWritablePrimary) {
  if (Date.now() > deadline) throw new Error("no primary was elected");
  sleep(200);
}

const roles = DATABASES.map((db) => ({ role: "readWrite", db }));
const user = { pwd: secret("mongo-password"), roles };
if (admin.getUser("linkage") === null) {
  admin.createUser({ user: "linkage", ...user });
  print("user made");
} else {
  admin.updateUser("linkage", user);
}
