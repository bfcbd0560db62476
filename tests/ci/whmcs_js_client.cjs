// An unmodified whmcs-js: reads cards and prices, places an order, finds it again, accepts it, reads its invoice.
// Told where by one JSON object on the standard input; says what it found as one JSON object.
"use strict";

const fs = require("node:fs");
const whmcs = require("whmcs-js");

function serialised(values) {
  const pairs = Object.entries(values);
  const parts = pairs.map(([key, value]) => `i:${key};s:${Buffer.byteLength(value)}:"${value}";`);
  return Buffer.from(`a:${pairs.length}:{${parts.join("")}}`).toString("base64");
}

async function main(told) {
  const config = { serverUrl: told.url, identifier: told.identifier, secret: told.secret };
  const [billing, clients, orders, authentication, system] = [
    new whmcs.Billing(config),
    new whmcs.Clients(config),
    new whmcs.Orders(config),
    new whmcs.Authentication(config),
    new whmcs.System(config),
  ];
  const details = await clients.getClientsDetails({ clientid: told.client });
  const cards = await billing.callApi({ action: "GetPayMethods", clientid: told.client });
  const products = (await orders.getProducts({ pid: told.pids.join(",") })).products.product;
  const lines = {};
  products.forEach((product, place) => {
    const mark = product.customfields.customfield.find((field) => field.name === "SalesforceOrderItemId");
    lines[`pid[${place}]`] = product.pid;
    lines[`billingcycle[${place}]`] = product.paytype === "onetime" ? "onetime" : "monthly";
    lines[`customfields[${place}]`] = serialised({ [mark.id]: `${told.mark}-${product.pid}` });
  });
  const added = await orders.addOrder({
    clientid: told.client,
    paymentmethod: cards.paymethods[0].gateway_name,
    noemail: true,
    notes: told.mark,
    ...lines,
  });
  const found = await orders.getOrders({ id: added.orderid });
  const accepted = await orders.acceptOrder({ orderid: added.orderid });
  const again = await orders.acceptOrder({ orderid: added.orderid });
  const services = await clients.getClientsProducts({ clientid: told.client });
  const invoice = await billing.getInvoice({ invoiceid: added.invoiceid });
  const link = await authentication.callApi({ action: "CreateSsoToken", client_id: told.client });
  const denied = await new whmcs.Orders({ ...config, secret: "wrong" }).getOrders({});
  return {
    name: details.client.fullname,
    version: (await system.callApi({ action: "WhmcsDetails" })).whmcs.version,
    order: found.orders.order[0],
    accepted: accepted.result,
    again: again.message,
    services: services.products.product.map((service) => ({
      id: service.id,
      pid: service.pid,
      status: service.status,
      mark: service.customfields.customfield.find((field) => field.name === "SalesforceOrderItemId").value,
    })),
    serviceids: added.serviceids,
    invoice,
    link: link.redirect_url,
    denied: denied.message,
  };
}

main(JSON.parse(fs.readFileSync(0, "utf8"))).then(
  (answer) => process.stdout.write(JSON.stringify(answer)),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  },
);
