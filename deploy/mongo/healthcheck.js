// Run by the container's health check: makes the one-node replica set the first time, then reports whether it takes
// writes. Doing both here needs no second container and is safe to repeat; `mongo` is this container's network name.
function initiated() {
  try {
    return rs.status().ok === 1;
  } catch (error) {
    if (error.codeName !== "NotYetInitialized") throw error;
    return rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] }).ok === 1;
  }
}

quit(initiated() && db.hello().isWritablePrimary ? 0 : 1);
