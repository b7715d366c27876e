## setup
export SERVER=https://dispatch.example
export KEY='99.paste-the-key'

## key
curl -sS "$SERVER/api/me" -H "Authorization: Bearer $KEY"
# → DAY = server_time (2027-04-20)

## campaign
curl -sS "$SERVER/api/campaigns" -H "Authorization: Bearer $KEY"
# → CAMPAIGN = campaign_id

## offers
curl -sS "$SERVER/api/campaigns/$CAMPAIGN/batches?status=open&limit=5" -H "Authorization: Bearer $KEY"
# → BATCH = batch_id

## claim_trial
curl -sS -X POST "$SERVER/api/batches/$BATCH/claim?dry_run=true" \
  -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
  -d '{"source_id": "CLAIM-0001"}'

## claim
curl -sS -X POST "$SERVER/api/batches/$BATCH/claim" \
  -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
  -d '{"source_id": "CLAIM-0001"}'
# → CLAIM = claim_id

## extend
curl -sS -X POST "$SERVER/api/claims/$CLAIM/extend" -H "Authorization: Bearer $KEY"

## waybills
curl -sS "$SERVER/api/waybills?campaign_id=$CAMPAIGN&status=issued" -H "Authorization: Bearer $KEY"
# → WAYBILL = waybill_id
# → COPIES = copies
# → OUTLET = outlet_code
# → MATERIAL = material_code
# → ZONE = zone_code

## receive
curl -sS -X POST "$SERVER/api/waybills/$WAYBILL/receive" \
  -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
  -d '{"source_id": "RECEIPT-0001", "received_copies": '$COPIES'}'

## channels
curl -sS "$SERVER/api/campaigns/$CAMPAIGN/materials" -H "Authorization: Bearer $KEY"
# → CHANNEL = channels (with_parcel)

## report_trial
curl -sS -X POST "$SERVER/api/handouts/report?dry_run=true" \
  -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
  -d '{"campaign_id": "'$CAMPAIGN'", "records": [
    {"source_id": "PARCEL-0001", "material_code": "'$MATERIAL'", "channel": "'$CHANNEL'",
     "copies": 20, "outlet_code": "'$OUTLET'", "zone_code": "'$ZONE'", "day": "'$DAY'"}]}'

## report
curl -sS -X POST "$SERVER/api/handouts/report" \
  -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
  -d '{"campaign_id": "'$CAMPAIGN'", "records": [
    {"source_id": "PARCEL-0001", "material_code": "'$MATERIAL'", "channel": "'$CHANNEL'",
     "copies": 20, "outlet_code": "'$OUTLET'", "zone_code": "'$ZONE'", "day": "'$DAY'"}]}'

## read_back
curl -sS "$SERVER/api/handouts/reported?source_id=PARCEL-0001" -H "Authorization: Bearer $KEY"
curl -sS "$SERVER/api/handouts/reported?day=$DAY&limit=100" -H "Authorization: Bearer $KEY"

## correct
curl -sS -X POST "$SERVER/api/handouts/correct-reported" \
  -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
  -d '{"source_id": "FIX-0001", "corrects_source_id": "PARCEL-0001", "copies": 5, "reason": "多报了五册"}'

## refusal_request
curl -sS -X POST "$SERVER/api/waybills/$WAYBILL/receive" \
  -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
  -d '{"source_id": "RECEIPT-0002", "received_copies": 1, "variance_reason": "点错了"}'
# 409 waybill-received

## refusal_record
curl -sS -X POST "$SERVER/api/handouts/report?dry_run=true" \
  -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \
  -d '{"campaign_id": "'$CAMPAIGN'", "records": [
    {"source_id": "PARCEL-0002", "material_code": "'$MATERIAL'", "channel": "'$CHANNEL'",
     "copies": 20, "outlet_code": "'$OUTLET'", "zone_code": "NO-SUCH", "day": "'$DAY'"}]}'
# 200 unknown-zone
