import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { AskBox } from "./ask-box.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { Greeting } from "./greeting.tsx";
import { NeedsMe } from "./needs-me.tsx";
import { PlantNow } from "./plant-now.tsx";
import { RecentChats, RecentRuns } from "./recent.tsx";
import classes from "./home.module.css";

export function Home({ userId, name }: { userId: string; name: string }) {
  return (
    <PageFrame>
      <div className={classes.top}>
        <Greeting name={name} />
        <AskBox />
      </div>
      <NeedsMe userId={userId} />
      <FirstSteps userId={userId} />
      <PlantNow />
      <div className={classes.two}>
        <RecentRuns />
        <RecentChats />
      </div>
    </PageFrame>
  );
}
