import { permanentRedirect } from "next/navigation";

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  permanentRedirect(`/servers/${encodeURIComponent((await params).name)}`);
}
