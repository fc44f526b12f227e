import type { StackFrame } from "@firstfix/incident";

/** The code that the fixture's incidents speak of: diffs as git writes them, and a stack. */

export const STACK_FRAMES: readonly StackFrame[] = [
  { function: "discountFor", file: "/app/src/coupons.js", path: "src/coupons.js", line: 14, column: 30, inApp: true },
  { function: "priceOf", file: "/app/src/checkout.js", path: "src/checkout.js", line: 31, column: 20, inApp: true },
  { function: "Layer.handleRequest", file: "/app/node_modules/router/lib/layer.js", path: "", line: 152, column: 17, inApp: false },
  { function: "next", file: "/app/node_modules/router/lib/route.js", path: "", line: 157, column: 13, inApp: false },
  { function: "Route.dispatch", file: "/app/node_modules/router/lib/route.js", path: "", line: 117, column: 3, inApp: false },
  { function: "handle", file: "/app/node_modules/router/index.js", path: "", line: 435, column: 11, inApp: false },
  { function: "process.processTicksAndRejections", file: "node:internal/process/task_queues", path: "", line: 103, column: 5, inApp: false },
];

export const COUPON_DIFF = `diff --git a/src/coupons.js b/src/coupons.js
index 3b18e51..a9cd0f2 100644
--- a/src/coupons.js
+++ b/src/coupons.js
@@ -1,15 +1,22 @@
 import { catalogue } from "./catalogue.js";
 
 const DAY = 24 * 3600 * 1000;
 
 export function isExpired(coupon, now) {
   return coupon.until + DAY < now;
 }
 
-export function discountFor(cart, total) {
-  if (cart.coupon === null) return 0;
-  return Math.round((total * cart.coupon.percent) / 100);
+/**
+ * The discount that a coupon gives, in cents.
+ */
+export function discountFor(code, total) {
+  const coupon = catalogue.coupons.find((one) => one.code === code);
+  return Math.round((total * coupon.percent) / 100); // whole cents
+}
+
+export function couponNames() {
+  return catalogue.coupons.map((one) => \`\${one.code}: \${one.percent}%\`);
 }
 
 export function describe(coupon) {
   return coupon.title;
 }
diff --git a/src/checkout.js b/src/checkout.js
index 88f0c1a..0de4c77 100644
--- a/src/checkout.js
+++ b/src/checkout.js
@@ -28,7 +28,7 @@ export function priceOf(cart) {
   const total = cart.lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
   if (cart.lines.length === 0) return 0;
 
-  return total - discountFor(cart, total);
+  return total - discountFor(cart.coupon, total);
 }
`;

export const COUPON_FIX = `diff --git a/src/coupons.js b/src/coupons.js
--- a/src/coupons.js
+++ b/src/coupons.js
@@ -11,6 +11,7 @@ export function isExpired(coupon, now) {
  */
 export function discountFor(code, total) {
   const coupon = catalogue.coupons.find((one) => one.code === code);
+  if (coupon === undefined) return 0;
   return Math.round((total * coupon.percent) / 100); // whole cents
 }
 
diff --git a/test/firstfix-5a1f0c9b.test.js b/test/firstfix-5a1f0c9b.test.js
new file mode 100644
--- /dev/null
+++ b/test/firstfix-5a1f0c9b.test.js
@@ -0,0 +1,7 @@
+import test from "node:test";
+import assert from "node:assert/strict";
+import { discountFor } from "../src/coupons.js";
+
+test("an unknown coupon gives no discount", () => {
+  assert.equal(discountFor("SPRING24", 4200), 0);
+});
`;

export const COUPON_REVERT = `diff --git a/src/coupons.js b/src/coupons.js
--- a/src/coupons.js
+++ b/src/coupons.js
@@ -9,9 +9,7 @@ export function isExpired(coupon, now) {
 /**
  * The discount that a coupon gives, in cents.
  */
-export function discountFor(code, total) {
-  const coupon = catalogue.coupons.find((one) => one.code === code);
-  return Math.round((total * coupon.percent) / 100); // whole cents
+export function discountFor(cart, total) {
+  return cart.coupon === null ? 0 : Math.round((total * cart.coupon.percent) / 100);
 }
 
`;

export const CHECKOUT_DIFF = `diff --git a/src/checkout.js b/src/checkout.js
--- a/src/checkout.js
+++ b/src/checkout.js
@@ -20,5 +20,6 @@ export function charge(order) {
   const price = priceOf(order.cart);
-  const total = price;
+  const flat = order.coupon?.flat ?? 0;
+  const total = price - flat;
   span.setAttribute("shop.order.total", total);
   return pay(order, total);
 }
`;

export const CHECKOUT_FIX = `diff --git a/src/checkout.js b/src/checkout.js
--- a/src/checkout.js
+++ b/src/checkout.js
@@ -21,5 +21,5 @@ export function charge(order) {
   const flat = order.coupon?.flat ?? 0;
-  const total = price - flat;
+  const total = Math.max(0, price - flat);
   span.setAttribute("shop.order.total", total);
   return pay(order, total);
 }
`;

export const CONFIRM_DIFF = `diff --git a/src/worker.js b/src/worker.js
--- a/src/worker.js
+++ b/src/worker.js
@@ -8,6 +8,8 @@ export async function work(queue) {
   for await (const message of queue) {
-    await confirm(message.order);
+    batch.push(message.order);
+    if (batch.length < BATCH_SIZE) continue;
+    confirm(batch.splice(0));
     message.acknowledge();
   }
 }
`;

export const CONFIRM_FIX = `diff --git a/src/worker.js b/src/worker.js
--- a/src/worker.js
+++ b/src/worker.js
@@ -10,4 +10,4 @@ export async function work(queue) {
     if (batch.length < BATCH_SIZE) continue;
-    confirm(batch.splice(0));
+    await confirm(batch.splice(0));
     message.acknowledge();
   }
`;
