// An unmodified jsforce: signs in, reads the price book, places an order by composite, reads it back.
// Told where by one JSON object on the standard input; says what it found as one JSON object.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const jsforce = require("jsforce");

const DATA = "/services/data/v66.0";

function assertion(told) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    iss: told.client_id,
    sub: told.username,
    aud: told.https,
    exp: Math.floor(Date.now() / 1000) + 180,
  };
  const content = `${encode({ alg: "RS256" })}.${encode(claims)}`;
  const key = fs.readFileSync(told.jwt_key_file);
  return `${content}.${crypto.sign("sha256", Buffer.from(content), key).toString("base64url")}`;
}

const LOGINS = {
  client_credentials: () => ({ grant_type: "client_credentials" }),
  jwt: (told) => ({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: assertion(told),
  }),
};

function placing(told, entries) {
  const call = (method, path, referenceId, body) => ({ method, url: `${DATA}/${path}`, referenceId, body });
  const opportunity = {
    AccountId: told.account,
    Name: "SIM",
    StageName: "Post Processing",
    CloseDate: "2026-12-31",
    CommodityType__c: "SIM",
  };
  const order = {
    AccountId: told.account,
    OpportunityId: "@{opportunity.id}",
    Pricebook2Id: told.price_book,
    EffectiveDate: "2026-11-22",
    Status: "Draft",
    Type: "SIM",
    Portal_Request_Key__c: told.key,
  };
  const items = entries.map((entry) => ({
    attributes: { type: "OrderItem" },
    OrderId: "@{order.id}",
    PricebookEntryId: entry.Id,
    Quantity: 1,
    UnitPrice: entry.UnitPrice,
  }));
  const notice = {
    AccountId: told.account,
    Origin: "Portal Notification",
    Subject: "New SIM order",
    Portal_Request_Key__c: told.key,
  };
  return {
    allOrNone: true,
    collateSubrequests: false,
    compositeRequest: [
      call("POST", "sobjects/Opportunity", "opportunity", opportunity),
      call("POST", "sobjects/Order", "order", order),
      call("POST", "composite/sobjects", "items", { allOrNone: true, records: items }),
      call("POST", "sobjects/Case", "notice", notice),
    ],
  };
}

async function main(told) {
  const connection = new jsforce.Connection({
    version: "66.0",
    oauth2: { loginUrl: told.https, clientId: told.client_id, clientSecret: told.client_secret },
  });
  const user = await connection.authorize(LOGINS[told.login](told));
  const soql =
    "SELECT Id, UnitPrice, Product2.StockKeepingUnit FROM PricebookEntry " +
    `WHERE Pricebook2Id = '${told.price_book}' AND IsActive = true ORDER BY Product2.StockKeepingUnit`;
  const catalogue = await connection.query(soql).execute({ autoFetch: true, maxFetch: 10000 });
  const wanted = catalogue.records.filter((entry) => told.skus.includes(entry.Product2.StockKeepingUnit));
  const placed = await connection.requestPost(`${DATA}/composite`, placing(told, wanted));
  const again = await connection.requestPost(`${DATA}/composite`, placing(told, wanted));
  const order = placed.compositeResponse[1].body.id;
  const read = await connection.sobject("Order").retrieve(order);
  await connection.sobject("Order").update({ Id: order, PoNumber: "jsforce" });
  let refusal = "";
  try {
    await connection.sobject("Order").create({ AccountId: told.account });
  } catch (error) {
    refusal = error.errorCode;
  }
  const described = await connection.sobject("Order").describe();
  return {
    organization: user.organizationId,
    skus: catalogue.records.map((entry) => entry.Product2.StockKeepingUnit),
    statuses: placed.compositeResponse.map((answer) => answer.httpStatusCode),
    again: again.compositeResponse.map((answer) => answer.body[0].errorCode ?? answer.body[0].errors),
    order,
    number: read.OrderNumber,
    refusal,
    fields: described.fields.map((field) => field.name),
  };
}

main(JSON.parse(fs.readFileSync(0, "utf8"))).then(
  (said) => console.log(JSON.stringify(said)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
