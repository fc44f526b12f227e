import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { it } from "vitest";
import { describeWith } from "../harness/requires.ts";
import { embedded } from "./embedded.ts";
import { until } from "./until.ts";

const MEBIBYTE = 1024 * 1024;
const USER = process.getuid?.() ?? 0;

const MOUNT = { name: "the right to mount a tmpfs", there: mayMount(), install: "run as root, or allow sudo without a password" };

describeWith(MOUNT, "a full disk", () => {
  it("is said to clients; nothing acknowledged is lost, and with room again everything goes on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "firstfix-disk-"));
    mount(folder, 192);
    try {
      await embedded("disk full", { memoryMiBMax: 900, data: join(folder, "data") }, async ({ firstfix, ledger, sender }) => {
        const one = sender({ timeoutMs: 5000 });
        one.start();
        await until("something is stored", () => ledger.acknowledgedRecords > 0);

        const ballast = join(folder, "ballast");
        fill(ballast);
        await until("clients are told to come again", () => (ledger.refusals.get("503") ?? 0) > 0);
        await sleep(1000);
        // A crash while there is no room: it starts again once there is.
        await firstfix.kill();
        rmSync(ballast);
        await firstfix.start();
        const restarted = ledger.acknowledgedRecords;
        await until("it goes on after the restart", () => ledger.acknowledgedRecords > restarted);

        const told = ledger.refusals.get("503") ?? 0;
        fill(ballast);
        await until("clients are told again", () => (ledger.refusals.get("503") ?? 0) > told);
        await sleep(1000);
        rmSync(ballast);
        const full = ledger.acknowledgedRecords;
        await until("it goes on without a restart", () => ledger.acknowledgedRecords > full);
        await one.stop();
      });
    } finally {
      unmount(folder);
      rmdirSync(folder);
    }
  });
});

/** Writes until nothing more fits. Bounded by the size of the disk. */
function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (let piece = Buffer.alloc(MEBIBYTE); piece.length > 0; ) {
      try {
        writeSync(file, piece);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        piece = piece.subarray(0, Math.floor(piece.length / 2));
      }
    }
  } finally {
    closeSync(file);
  }
}

function mount(folder: string, mebibytes: number): void {
  const { status, stderr } = asRoot("mount", "-t", "tmpfs", "-o", `size=${mebibytes}m,mode=0700,uid=${USER}`, "tmpfs", folder);
  if (status !== 0) throw new Error(`mount: ${stderr}`);
}

/** Lazy, because the engine may hold a file for a moment longer. */
function unmount(folder: string): void {
  asRoot("umount", "--lazy", folder);
}

function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-mount-"));
  const there = asRoot("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder).status === 0;
  if (there) unmount(folder);
  rmdirSync(folder);
  return there;
}

/** As root, or by a sudo that asks nothing (CI). */
function asRoot(command: string, ...args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  return USER === 0 ? spawnSync(command, args, { encoding: "utf8" }) : spawnSync("sudo", ["-n", command, ...args], { encoding: "utf8" });
}
