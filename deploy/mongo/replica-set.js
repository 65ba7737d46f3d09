// Makes the replica set of one member, and a user for each service. Run by mongosh at every
// `docker compose up`; what stands already stays, but passwords become those of the files.

const fs = require("fs");

const MEMBER = "mongo:27017";
// linkage_access has API keys and personal keys; linkage is whoever provisions, reconciles and repairs.
const SERVICES = ["approval-events", "supervision-push", "credit"];
const WRITES = {
  "approval-events": ["approval_events", "linkage_access", "linkage_reference"],
  "supervision-push": ["supervision_push", "linkage_access"],
  "credit": ["credit", "linkage_access"],
  "linkage": [
    "approval_events",
    "supervision_push",
    "credit",
    "linkage_reference",
    "linkage_access",
    "linkage_operations",
    "linkage_books",
  ],
};
const READS = { "supervision-push": ["linkage_reference"], "credit": ["linkage_reference"] };
const PATIENCE_MS = 60_000;
// MongoDB's own code for a member that no replica set has been made of.
const NOT_YET_INITIALIZED = 94;

const secret = (name) => fs.readFileSync(`/run/secrets/${name}`, "utf8").trim();

const root = encodeURIComponent(secret("mongo-root-password"));
const admin = connect(`mongodb://root:${root}@${MEMBER}/admin?directConnection=true&tls=true&tlsCAFile=/run/secrets/authority.crt`);

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

for (const name of [...SERVICES, "linkage"]) {
  const roles = [
    ...WRITES[name].map((db) => ({ role: "readWrite", db })),
    ...(READS[name] ?? []).map((db) => ({ role: "read", db })),
  ];
  const user = { pwd: secret(`password-${name}`), roles };
  if (admin.getUser(name) === null) {
    admin.createUser({ user: name, ...user });
    print(`user ${name} made`);
  } else {
    admin.updateUser(name, user);
  }
}
