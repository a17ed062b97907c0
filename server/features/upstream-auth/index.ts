export { CONNECTIONS_PAGE, finishConnection, startConnection } from "./connect.ts";
