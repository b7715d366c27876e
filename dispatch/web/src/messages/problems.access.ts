// Refusals of every request, of consent, and of signing in.
import type { ProblemWords } from './problems'

export const ACCESS_PROBLEMS = {
  // Of the page itself.
  offline: [
    ['连不上服务器', 'The server cannot be reached'],
    ['请检查网络后重试；已填写的内容还在。', 'Check the network and try again; what you typed is still here.'],
  ],
  'page-fault': [
    ['页面出错', 'Something went wrong on this page'],
    ['请刷新页面；仍不行请告诉管理员。', 'Reload the page; if it persists, contact the operator.'],
  ],

  // Of every request.
  unexpected: [
    ['服务器出错', 'Something went wrong on our side'],
    ['请重试；仍不行请把请求编号告诉管理员。', 'Try again; if it persists, give the operator the request id.'],
  ],
  busy: [
    ['服务器忙', 'The server is busy'],
    ['请稍后重试；重复提交不会重复记录。', 'Try again shortly; sending it again records nothing twice.'],
  ],
  'not-found': [
    ['没有找到', 'Not found'],
    ['这项内容不存在，或不在您的范围内。', 'It does not exist, or it is outside your scope.'],
  ],
  'invalid-request': [
    ['填写有误', 'Something is not filled in correctly'],
    ['请按下面的提示修改后重试。', 'Correct what is named below and try again.'],
  ],
  'too-large': [
    ['内容过大', 'Too large'],
    ['请分几次提交。', 'Send it in parts.'],
    ['一次最多 {limit} 条，提交了 {sent} 条。', 'At most {limit} at once; {sent} were sent.'],
  ],
  'method-not-allowed': [
    ['这个地址不接受这种请求', 'This address does not accept this kind of request'],
    ['请刷新页面后重试；仍不行请告诉管理员。', 'Reload the page and try again; if it persists, contact the operator.'],
  ],
  'unsupported-media-type': [
    ['文件类型不对', 'This type of file is not accepted here'],
    [
      '请用模板格式（.xlsx、.csv 或 .geojson）重新保存后再选。',
      'Save it in the format of the template (.xlsx, .csv or .geojson) and choose it again.',
    ],
  ],
  'cross-site-request': [
    ['请求没有从本系统页面发出', 'The request did not come from a page of this system'],
    [
      '请从本系统的页面操作；若已在本系统，请刷新后重试。',
      'Work from a page of this system; if you are on one, reload it and try again.',
    ],
  ],
  'pages-not-built': [
    ['页面还没有生成', 'The pages are not built'],
    [
      '请告诉管理员：服务器从源码启动，需要先生成页面。',
      'Contact the operator: the server runs from sources, and its pages have to be built first.',
    ],
  ],
  'import-refused': [
    ['文件没有导入，原有数据没有改动', 'The file was refused; nothing was changed'],
    ['请按下面逐行的原因修改文件，再导入一次。', 'Correct the rows named below and import the file again.'],
    ['共 {error_count} 处需要修改。', '{error_count} {error_count|fault|faults} in all.'],
  ],

  // Riders' consent, the audit trail.
  'consent-withdrawn': [
    ['您已退出参加', 'You withdrew from taking part'],
    [
      '退出之后确认的发放不再记录；要继续，请重新同意告知书。',
      'What is confirmed after leaving is not recorded; to go on, agree to the notice again.',
    ],
  ],
  'location-withdrawn': [
    ['您已撤回使用位置', 'You withdrew the use of location'],
    ['请选择片区后重新提交。', 'Name the zone and send it again.'],
  ],
  'consent-changed': [
    ['这个编号已用于另一次答复', 'This id was used for another answer'],
    ['请刷新页面后重新选择。', 'Reload the page and choose again.'],
  ],
  'notice-unknown': [
    ['没有这一版告知书', 'There is no such notice'],
    ['请刷新页面，阅读最新一版。', 'Reload the page and read the newest version.'],
  ],
  'notice-version-taken': [
    ['告知书已有新版本', 'The notice has a newer version'],
    ['请刷新后在最新一版上修改。', 'Reload and edit the newest version.'],
    ['目前是第 {newest} 版。', 'Version {newest} is in force.'],
  ],
  'precise-position': [
    ['记录里带了不该有的坐标', 'The record holds coordinates'],
    ['请只发送地图格或片区，坐标留在手机里。', 'Send the map cell or the zone only; coordinates stay on the phone.'],
  ],
  'head-not-readable': [
    ['抄存的链尾无法识别', 'The kept head cannot be read'],
    ['请按“序号:哈希”完整输入。', 'Enter it whole, as position:hash.'],
  ],

  // Signing in, accounts, keys.
  'not-signed-in': [
    ['登录已失效', 'Your session has ended'],
    ['请重新登录，页面内容会保留。', 'Sign in again; the page keeps its content.'],
  ],
  'not-allowed': [
    ['没有权限', 'No permission'],
    [
      '您的角色不能做这件事；需要时请联系市反诈中心。',
      "Your role may not do this; ask the city's anti-fraud centre if it is needed.",
    ],
  ],
  'sign-in-refused': [
    ['账号或口令不对', 'These sign-in details are not right'],
    [
      '请核对后重试；骑手请核对网点代码和 PIN。忘记口令请联系管理员重设。',
      'Check them and try again; riders: check the outlet code and PIN. If forgotten, ask for a new one.',
    ],
  ],
  'password-change-required': [
    ['请先设置自己的口令', 'Choose a password of your own first'],
    [
      '现在用的是临时口令，请到“账户”页面更换后继续。',
      'The present one is temporary: change it on the account page, then continue.',
    ],
  ],
  'second-factor-required': [
    ['请先启用二次验证', 'Set up your second factor first'],
    ['请到“账户”页面按提示绑定验证器后继续。', 'Set up an authenticator on the account page, then continue.'],
  ],
  'weak-password': [
    ['这个口令太容易被猜到', 'This password is too easily guessed'],
    ['请换一个更长、不含账号和常见词的口令。', 'Choose a longer one without your login or common words.'],
  ],
  'wrong-password': [
    ['当前口令不对', 'The current password is not right'],
    ['请重新输入现在使用的口令。', 'Type the password you use now once more.'],
  ],
  'sign-in-outlet-unknown': [
    ['没有这个网点代码', 'No outlet has this code'],
    ['请对照骑手条上的网点代码再输一次。', "Check the outlet's code on the slip and type it again."],
  ],
  'sign-in-deactivated': [
    ['这位骑手或网点已停用', 'This rider or outlet is deactivated'],
    ['请联系网点负责人重新启用。', "Ask the outlet's manager to activate it again."],
  ],
  'sign-in-locked': [
    ['失败次数过多，已暂时锁定', 'Locked for a while after too many failures'],
    [
      '到时间后再试；忘记口令或 PIN 请联系管理员重设。',
      'Try again when the time has passed; if forgotten, ask for a new password or PIN.',
    ],
    ['锁定到 {locked_until}。', 'Locked until {locked_until}.'],
  ],
  'second-factor-asked': [
    ['请输入动态验证码', 'Enter the code of your authenticator'],
    [
      '口令正确，还需要验证器上的六位验证码。',
      'The password is right; the six digits of the authenticator are needed too.',
    ],
  ],
  'second-factor-refused': [
    ['验证码不对', 'This code is not right'],
    [
      '请输入验证器现在显示的验证码；用过的不能再用。请确认手机时间准确。',
      'Enter the code shown now; a code that was used does not work again. Check the clock of the phone.',
    ],
  ],
  'second-factor-there': [
    ['已经绑定验证器', 'An authenticator is already set up'],
    ['要换手机，请先用验证码解除绑定。', 'To change phones, remove the present one with a code first.'],
  ],
  'own-account': [
    ['这是您自己的账号', 'This is your own account'],
    [
      '停用或重设自己的账号请由同事操作；改口令请到“账户”页面。',
      'A colleague has to do this; change your password on the account page.',
    ],
  ],
  'too-many-requests': [
    ['操作过于频繁', 'Too many calls in a short time'],
    ['请稍等后继续；已填写的内容还在。', 'Wait a little and continue; what you typed is still here.'],
  ],
  'body-too-slow': [
    ['上传太慢，连接已断开', 'The upload was too slow and was cut off'],
    ['请换更好的网络，或把文件分成几份。', 'Use a better connection, or send the file in parts.'],
  ],
  'oidc-refused': [
    ['统一身份认证没有通过', 'The organisation’s sign-in was refused'],
    [
      '请重新登录；仍不行请联系管理员确认账号已建立并启用。',
      'Sign in again; if it persists, ask whether your account exists and is active.',
    ],
  ],
  'account-scope': [
    ['单位或网点与角色不符', 'Partner or outlet does not fit the role'],
    [
      '企业负责人要选单位，网点负责人要选网点，民警和审计人员都不选。',
      'A firm manager needs a partner, an outlet manager an outlet, planners and auditors neither.',
    ],
  ],
  'login-taken': [
    ['这个账号名已被使用', 'This login is taken'],
    ['请换一个账号名。', 'Choose another one.'],
  ],
  'key-expiry': [
    ['密钥有效期不合适', "The key's expiry does not work"],
    ['请选择今天之后、两年以内的日期。', 'Choose a day after today and within two years.'],
  ],
  'key-scope': [
    ['这个密钥不能做这件事', 'This key may not do that'],
    ['请向发放密钥的单位申请相应权限。', 'Ask the issuer of the key for the permission.'],
  ],
  'too-many-waiting': [
    ['等待处理的记录太多', 'Too many refused records wait'],
    [
      '请网点补登交接；记录仍在这部手机里，之后会自动上传。',
      'Have the outlet record the hand-over; the records stay on this phone and are sent afterwards.',
    ],
    ['已有 {waiting} 条等待处理。', '{waiting} wait already.'],
  ],
  'hand-in-closed': [
    ['这部手机不能补交', 'Nothing can be handed in from this phone'],
    ['请用网点的骑手条登录；不能登录时请把份数告诉网点。', 'Sign in with the slip, or give the figures to the outlet.'],
  ],
  'after-deactivation': [
    ['这一条在停用之后', 'Confirmed after the rider had left'],
    ['只补收停用之前的记录。', 'Only what was confirmed before the deactivation is taken.'],
  ],
  'another-rider': [
    ['现在登录的是另一位骑手', 'Somebody else is signed in'],
    [
      '请由本人重新登录；未上传的记录仍留在这部手机里。',
      'Sign in as yourself; the records not yet sent stay on this phone.',
    ],
  ],
} satisfies Record<string, ProblemWords>
