// Texts of scanning by camera.
export const SCAN = {
  camera: ['相机扫描', 'Scan with the camera'],
  camera_stop: ['停止扫描', 'Stop scanning'],
  camera_opens: ['正在打开相机…', 'Opening the camera…'],
  camera_looks: ['把标签上的二维码放进画面', 'Hold the code on the label in the picture'],
  camera_read: ['已读到 {code}', 'Read {code}'],
  fault_insecure: [
    '浏览器只在加密连接（https）下允许使用相机。请输入编号，或使用扫码枪。',
    'Browsers give the camera to encrypted pages (https) only. Type the code or use a scanner.',
  ],
  fault_refused: [
    '没有使用相机的权限。请在浏览器的网站设置中允许相机后重试，或输入编号、使用扫码枪。',
    'The camera is not allowed here. Allow it in the browser’s settings for this site and try again, or type the ' +
      'code or use a scanner.',
  ],
  fault_none: ['没有找到相机。请输入编号，或使用扫码枪。', 'There is no camera here. Type the code or use a scanner.'],
  fault_busy: [
    '相机正被其他程序使用。关闭它后重试，或输入编号、使用扫码枪。',
    'Another program is using the camera. Close it and try again, or type the code or use a scanner.',
  ],
  fault_other: [
    '相机打不开。请输入编号，或使用扫码枪。',
    'The camera cannot be opened. Type the code or use a scanner.',
  ],
} as const
