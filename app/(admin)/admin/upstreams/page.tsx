import { permanentRedirect } from "next/navigation";

/** Servers are for everybody now: old addresses lead there. */
export default function Page() {
  permanentRedirect("/servers");
}
